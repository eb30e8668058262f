/// Why the feed, or a subscription to it, could not be used. Holds no secret and nothing of what Jira keeps.
public struct FeedError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened, why, and what to do.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The text is not a cursor that this feed gave.
        public static let invalidCursor = Code(rawValue: "invalid_cursor")
        /// Too many streams are open.
        public static let tooManyStreams = Code(rawValue: "too_many_streams")
        /// The server is about to stop.
        public static let stopping = Code(rawValue: "stopping")
        /// Webhooks may not be sent to this address.
        public static let addressRefused = Code(rawValue: "address_refused")
        /// A member has as many subscriptions as one may have.
        public static let tooManySubscriptions = Code(rawValue: "too_many_subscriptions")
        /// The member has a subscription of this name already.
        public static let nameTaken = Code(rawValue: "name_taken")
        /// There is no such subscription or delivery, or it is somebody else's.
        public static let notFound = Code(rawValue: "not_found")
        /// A name that is empty or too long.
        public static let invalidName = Code(rawValue: "invalid_name")
        /// A stored record can't be read back.
        public static let damaged = Code(rawValue: "record_damaged")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
