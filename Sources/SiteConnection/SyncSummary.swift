import AccessEngine
public import FastJSON

/// What a synchronisation did: the `sync` object of the command line's JSON.
public struct SyncSummary: Hashable, Sendable {
    public var source: String
    /// Whether every phase ended; a stopped run goes on from its checkpoint.
    public var finished = false
    public var phase = SyncPhase.identify
    public var issues = Issues()
    /// Comments of the stored issues.
    public var comments = 0
    /// Changelog entries of the stored issues.
    public var changes = 0
    /// Attachments of the stored issues.
    public var attachments = 0
    /// Requests sent to Jira, retries included.
    public var requests = 0
    /// Bytes of Jira's answers after decompression.
    public var bytes = 0
    public var seconds = 0.0
    public var warnings: [SyncWarning] = []

    public struct Issues: Hashable, Sendable {
        public var read = 0
        public var stored = 0
        /// Read again with the same time of last change, and so not written.
        public var unchanged = 0
        public var deleted = 0
        public var quarantined = 0

        public init() {}
    }

    public init(source: String) {
        self.source = source
    }

    public var issuesPerSecond: Double { seconds > 0 ? Double(issues.read) / seconds : 0 }

    /// Writes the object of `interface.md`, fields in its order.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("source", source)
            writer.member("finished", finished)
            writer.member("phase", phase.rawValue)
            writer.key("issues")
            writer.object { writer in
                writer.member("read", issues.read)
                writer.member("stored", issues.stored)
                writer.member("unchanged", issues.unchanged)
                writer.member("deleted", issues.deleted)
                writer.member("quarantined", issues.quarantined)
            }
            writer.member("comments", comments)
            writer.member("changes", changes)
            writer.member("attachments", attachments)
            writer.member("requests", requests)
            writer.member("bytes", bytes)
            writer.key("seconds")
            writer.double(Self.rounded(seconds))
            writer.key("issuesPerSecond")
            writer.double(Self.rounded(issuesPerSecond))
            writer.key("warnings")
            writer.array { writer in
                for warning in warnings {
                    writer.object { writer in
                        writer.member("code", warning.code.rawValue)
                        writer.member("message", warning.message)
                    }
                }
            }
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
}
