// Finding out what a site and a credential allow, before a source is added and whenever somebody asks.
