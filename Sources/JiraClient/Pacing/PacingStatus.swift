public import FastJSON

/// How a client keeps Jira's pace at the moment.
public struct PacingStatus: Hashable, Sendable {
    /// One for each endpoint that was asked.
    public var lanes: [Lane] = []
    /// Until everything goes on, where Jira's budget is used up.
    public var paused: Duration = .zero
    /// Between two requests, where Jira's bucket asks for it.
    public var spacing: Duration?
    /// What Jira said last of its budget; `nil` where it says nothing.
    public var budget: Budget?
    /// How much of Jira's budget may be used, up to 1.
    public var share = 1.0
    /// Time requests were held back, summed over requests.
    public var waited: Duration = .zero
    /// Answers that asked to slow down.
    public var refusals = 0

    public struct Lane: Hashable, Sendable {
        public var endpoint: String
        /// Requests that may be in flight at once.
        public var width: Int
        public var inFlight: Int
        /// Requests a second, where Jira has said that they came too fast.
        public var perSecond: Double?
        /// Until requests go on, where Jira asked to wait.
        public var waits: Duration
    }

    public struct Budget: Hashable, Sendable {
        public var limit: Int
        public var remaining: Int
        /// Until it is whole again.
        public var resets: Duration?
    }

    public init() {}

    /// Writes it as one object; of the lanes those that wait, and the widest.
    public func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.key("sharePercent")
            json.integer(Int((share * 100).rounded()))
            json.member("refusals", refusals)
            json.member("waitedSeconds", Int(waited.components.seconds))
            json.member("pausedSeconds", Int(paused.components.seconds))
            if let spacing { json.member("spacingMilliseconds", Int(spacing.milliseconds)) }
            if let budget {
                json.key("budget")
                json.object { json in
                    json.member("limit", budget.limit)
                    json.member("remaining", budget.remaining)
                    if let resets = budget.resets { json.member("resetsInSeconds", Int(resets.components.seconds)) }
                }
            }
            let shown = lanes.sorted { ($0.waits, $0.inFlight, $0.width) > ($1.waits, $1.inFlight, $1.width) }
            json.key("endpoints")
            json.array { json in
                for lane in shown.prefix(8) {
                    json.object { json in
                        json.member("endpoint", lane.endpoint)
                        json.member("width", lane.width)
                        json.member("inFlight", lane.inFlight)
                        if let rate = lane.perSecond { json.member("perSecond", Int(rate)) }
                        if lane.waits > .zero { json.member("waitsSeconds", Int(lane.waits.components.seconds)) }
                    }
                }
            }
        }
    }
}

extension JiraClient {
    /// How Jira's pace is kept at the moment.
    public var pacing: PacingStatus {
        var status = pacer.status
        status.refusals = metrics.rateLimited
        return status
    }

    /// Uses at most this much of Jira's budget from now on: above 0 and up to 1.
    public func limit(toShareOfBudget share: Double) { pacer.limit(to: share) }
}
