public import FastJSON
public import IssueModel
internal import Cryptography

/// One entry of the feed, as one reader is told.
public struct FeedChange: Hashable, Sendable {
    public var what: What

    public enum What: Hashable, Sendable {
        /// The reader's copy is to begin anew: what was told before may no longer hold.
        ///
        /// - Parameter list: A cursor from which everything is told that the reader may see; `nil` where the page that
        ///   begins with this entry goes on with just that.
        case access(Reason, list: String?)
        /// The issue is new, is another than before, or is one that the reader has only now come to see.
        case changed(Issue)
        /// The issue is gone, for the reader at least: deleted, moved out of sight or no longer shown. Which of these is
        /// not told.
        case removed(Issue)
    }

    /// Why a copy is to begin anew.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// It was asked for without a cursor.
        case started
        /// What the reader may see is something else than it was.
        case permissions
        /// The cursor is older than what is kept, or of a state of the database that was put back.
        case expired
    }

    /// Which issue, without anything of its content.
    public struct Issue: Hashable, Sendable {
        /// The source's name.
        public var source: String
        public var id: IssueID
        /// As it is now; of a removed issue, as it was.
        public var key: String
        /// Where people open it in Jira.
        public var url: String
        /// When Jira says it changed; `nil` for one that is gone.
        public var updated: Timestamp?
        /// When Drawbridge read it, or noticed that it is gone.
        public var at: Timestamp

        public init(source: String, id: IssueID, key: String, url: String, updated: Timestamp?, at: Timestamp) {
            self.source = source
            self.id = id
            self.key = key
            self.url = url
            self.updated = updated
            self.at = at
        }
    }

    public init(_ what: What) { self.what = what }

    /// The stable word of what this is: `access`, `changed` or `removed`.
    public var kind: String {
        switch what {
        case .access: "access"
        case .changed: "changed"
        case .removed: "removed"
        }
    }

    /// Writes it as one object.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", kind)
            switch what {
            case .access(let reason, let list):
                json.member("reason", reason.rawValue)
                if let list { json.member("list", list) }
            case .changed(let issue), .removed(let issue):
                json.member("source", issue.source)
                json.member("id", issue.id.description)
                json.member("key", issue.key)
                json.member("url", issue.url)
                if let updated = issue.updated { json.member("updated", updated.rfc3339) }
                json.member("at", issue.at.rfc3339)
            }
        }
    }
}

/// Some entries of the feed, and from where it goes on.
public struct ChangePage: Hashable, Sendable {
    public var changes: [FeedChange]
    /// To be kept once the entries are taken up; the next page is asked for with it.
    public var cursor: String
    /// Whether there is more already.
    public var hasMore: Bool
    /// Whether what the reader may see is still being listed from the beginning. Whatever was not named between an
    /// `access` entry and the end of the listing is no longer to be seen.
    public var isListing: Bool

    init(_ page: FeedPage, key: SecretKey) throws {
        changes = page.changes
        cursor = try page.position.sealed(key: key)
        hasMore = page.hasMore
        isListing = page.position.isListing
    }

    /// Writes it as one object.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("changes")
            json.array { json in changes.forEach { $0.write(to: &json) } }
            json.member("cursor", cursor)
            json.member("more", hasMore)
            json.member("listing", isListing)
        }
    }
}
