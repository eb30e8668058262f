public import Database
import FastJSON
public import IssueModel
public import Store

/// What was done for a source by itself, what comes next, and what keeps it from being done.
///
/// Stored with the source, so that it survives the process and other processes can show it.
public struct ScheduleRecord: Hashable, Sendable {
    /// By the name of the job.
    public var jobs: [String: Job] = [:]
    /// What is done next and when; `nil` while nothing will be done by itself.
    public var next: Next?
    /// Why nothing will be done until somebody acts.
    public var stopped: Stop?
    /// Failures in a row that concern the whole site, such as that it cannot be reached.
    public var failures = 0
    /// When the last of them happened.
    public var failed: Timestamp?
    /// Whether nothing is done now because of quiet hours.
    public var isQuiet = false

    public struct Job: Hashable, Sendable {
        public var started: Timestamp
        public var ended: Timestamp
        /// When it last began and ended well.
        public var good: Timestamp?
        /// Failures of it in a row.
        public var failures = 0
        /// The code of the last failure, until it ends well again.
        public var problem: String?
        /// Whether it ended with something left to do, to go on before its next turn.
        public var hasMore = false

        public init(started: Timestamp, ended: Timestamp) {
            (self.started, self.ended) = (started, ended)
        }
    }

    public struct Next: Hashable, Sendable {
        public var job: String
        public var at: Timestamp

        public init(job: String, at: Timestamp) { (self.job, self.at) = (job, at) }
    }

    public struct Stop: Hashable, Sendable {
        public var code: String
        public var message: String
        public var at: Timestamp
        /// Tells the credential that was refused from another one, without saying anything of either.
        public var credential: String

        public init(code: String, message: String, at: Timestamp, credential: String) {
            (self.code, self.message, self.at, self.credential) = (code, message, at, credential)
        }
    }

    public init() {}

    private static let phase = "schedule"

    /// What is stored of a source; empty where nothing was done yet, or what is stored cannot be read.
    public static func of(source: Int64, in connection: Connection) throws -> ScheduleRecord {
        let stored = try Checkpoints.data(phase, source: source, in: connection)
        return stored.flatMap { try? JSONValue(parsing: $0) }.map { ScheduleRecord($0) } ?? ScheduleRecord()
    }

    public func store(at now: Timestamp, source: Int64, in context: WriteContext) throws {
        try Checkpoints.advance(Self.phase, to: json, at: now, source: source, in: context)
    }
}

extension ScheduleRecord {
    private init(_ json: JSONValue) {
        var members: [JSONValue.Member] = []
        if case .object(let all) = json["jobs"] { members = all }
        for member in members {
            guard let started = Self.moment(member.value["started"]), let ended = Self.moment(member.value["ended"])
            else { continue }
            var job = Job(started: started, ended: ended)
            job.good = Self.moment(member.value["good"])
            job.failures = member.value["failures"]?.integer ?? 0
            job.problem = member.value["problem"]?.string
            job.hasMore = member.value["more"]?.bool ?? false
            jobs[member.key] = job
        }
        if let name = json["next"]?["job"]?.string, let at = Self.moment(json["next"]?["at"]) {
            next = Next(job: name, at: at)
        }
        if let stop = json["stopped"], let code = stop["code"]?.string, let at = Self.moment(stop["at"]) {
            stopped = Stop(
                code: code, message: stop["message"]?.string ?? "", at: at,
                credential: stop["credential"]?.string ?? "")
        }
        failures = json["failures"]?.integer ?? 0
        failed = Self.moment(json["failed"])
        isQuiet = json["quiet"]?.bool ?? false
    }

    private static func moment(_ value: JSONValue?) -> Timestamp? {
        value?.integer.map { Timestamp(milliseconds: Int64($0)) }
    }

    var json: String {
        var writer = JSONWriter()
        func moment(_ name: String, _ value: Timestamp?, _ json: inout JSONWriter) {
            if let value { json.member(name, Int(value.rawValue)) }
        }
        writer.object { json in
            json.key("jobs")
            json.object { json in
                for (name, job) in jobs.sorted(by: { $0.key < $1.key }) {
                    json.key(name)
                    json.object { json in
                        moment("started", job.started, &json)
                        moment("ended", job.ended, &json)
                        moment("good", job.good, &json)
                        if job.failures > 0 { json.member("failures", job.failures) }
                        if let problem = job.problem { json.member("problem", problem) }
                        if job.hasMore { json.member("more", true) }
                    }
                }
            }
            if let next {
                json.key("next")
                json.object { json in
                    json.member("job", next.job)
                    moment("at", next.at, &json)
                }
            }
            if let stopped {
                json.key("stopped")
                json.object { json in
                    json.member("code", stopped.code)
                    json.member("message", stopped.message)
                    moment("at", stopped.at, &json)
                    json.member("credential", stopped.credential)
                }
            }
            json.member("failures", failures)
            moment("failed", failed, &json)
            json.member("quiet", isQuiet)
        }
        return writer.text
    }
}
