/// What may be a member's e-mail address.
enum EmailAddress {
    /// The longest address that mail can be sent to, in bytes (RFC 5321, 4.5.3.1.3).
    static let limit = 254

    /// Accepts an address as it stands. Nothing is trimmed, folded or normalised: an address that had to be mended
    /// might be somebody else's.
    ///
    /// - Throws: `invalidEmail` unless there is one `@` with text on both sides, and no blank or control character.
    static func check(_ text: String) throws(WorkspaceError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let isClean = text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && !isInvisible($0) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isClean, text.utf8.count <= limit else {
            throw WorkspaceError(
                .invalidEmail,
                "This is not an e-mail address. Give it exactly as the person's mail uses it, without blanks or a name."
            )
        }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
