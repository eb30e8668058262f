public import FastJSON
public import IssueModel
public import Workspace

/// A member's wish to be told of changes by webhooks.
public struct Subscription: Hashable, Sendable {
    public var id: Int64
    public var member: MemberID
    /// The member's own name for it.
    public var name: String
    /// Where webhooks go.
    public var url: String
    public var state: State
    /// Why it is disabled, or why the last attempt failed.
    public var problem: String?
    public var created: Timestamp
    /// Since when every attempt has failed.
    public var failing: Timestamp?
    /// Attempts that failed in a row.
    public var attempts: Int
    /// The next attempt is made no earlier.
    public var due: Timestamp
    /// When something was last taken up.
    public var delivered: Timestamp?

    public enum State: String, Hashable, Sendable, CaseIterable {
        case active
        /// Its owner wants no webhooks for now; they come once it is active again.
        case paused
        /// Nothing was taken up for days, or the receiver said that it is gone.
        case disabled
    }

    /// Subscriptions one member may have.
    public static let limitPerMember = 20
    /// Characters of a name.
    public static let nameLimit = 80

    /// Writes it as one object.
    ///
    /// - Parameter secret: Shown once, when it was made.
    public func write(to json: inout JSONWriter, secret: String? = nil) {
        json.object { json in
            json.member("id", String(id))
            json.member("name", name)
            json.member("url", url)
            json.member("state", state.rawValue)
            if let problem { json.member("problem", problem) }
            json.member("created", created.rfc3339)
            if let failing { json.member("failingSince", failing.rfc3339) }
            if attempts > 0 { json.member("nextAttempt", due.rfc3339) }
            if let delivered { json.member("delivered", delivered.rfc3339) }
            if let secret { json.member("secret", secret) }
        }
    }
}

/// One webhook as it was sent, or is to be sent again.
public struct Delivery: Hashable, Sendable {
    public var id: Int64
    public var kind: Kind
    public var state: State
    public var started: Timestamp
    public var ended: Timestamp?
    public var attempts: Int
    /// The receiver's last answer.
    public var status: Int?
    public var problem: String?
    /// How many entries it held when it was last sent.
    public var entries: Int

    public enum Kind: String, Hashable, Sendable, CaseIterable { case changes, test }
    public enum State: String, Hashable, Sendable, CaseIterable {
        case delivered, failed
        /// Will be tried again.
        case waiting
    }

    /// Deliveries kept for each subscription.
    public static let kept = 100

    /// Writes it as one object.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", String(id))
            json.member("kind", kind.rawValue)
            json.member("state", state.rawValue)
            json.member("started", started.rfc3339)
            if let ended { json.member("ended", ended.rfc3339) }
            json.member("attempts", attempts)
            if let status { json.member("status", status) }
            if let problem { json.member("problem", problem) }
            json.member("entries", entries)
        }
    }
}
