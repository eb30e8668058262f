// Names that Testing has too.
