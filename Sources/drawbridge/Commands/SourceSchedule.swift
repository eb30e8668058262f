import Console
import FastJSON
import IssueModel
import Journal
import Scheduling
import Store

extension Command {
    static let sourceSchedule = Command(
        words: ["source", "schedule"],
        summary: "Choose how often a source is kept in step, when it is left alone, and how hard Jira is pressed",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .value("--every", "SECONDS", "read what changed after so long; 60 at first"),
            .value("--catalogue-every", "SECONDS", "read names of statuses, versions and such; 900 at first"),
            .value("--census-every", "SECONDS", "list everything, to find what was deleted; 86400 at first"),
            .value("--quiet", "FROM-TO", "leave Jira alone between these times, as 22:00-06:00; 'never' ends that"),
            .value("--zone", "ZONE", "the time zone of --quiet, as Europe/Berlin; UTC without it"),
            .value("--budget", "PERCENT", "use at most this share of Jira's budget; 100 at first"),
            .flag("--manual", "read only when asked, but for who may see what"),
            .flag("--automatic", "read by itself again"),
            .flag("--json", "print the schedule as JSON"),
        ],
        discussion: """
            Without an option it shows the schedule. It is followed by 'drawbridge serve' and 'sync --watch', also by those that run
            already. In quiet hours only what webhooks tell of is read, and who may see what.
            """,
        example: "drawbridge source schedule work --every 120 --quiet 22:00-06:00 --zone Europe/Berlin --budget 50"
    ) { invocation in
        let isChange = !Set(invocation.values.keys).subtracting(["--json", "--data"]).isEmpty
        guard !(invocation.has("--manual") && invocation.has("--automatic")) else {
            throw UsageError("--manual and --automatic say two different things; give one")
        }
        let change = try change(of: invocation)
        let name = invocation.arguments[0]
        func run(_ session: Session) async throws -> ExitCode {
            let source = try await session.source(named: name)
            guard source.state != .removed else {
                throw StoreError(.notFound, "'\(source.name)' was removed; add it again to use it")
            }
            let id = source.id
            var schedule = try await session.store.read { try SyncSchedule.of(source: id, in: $0) }
            if isChange {
                change(&schedule)
                let changed = schedule
                try await session.store.write { try changed.store(source: id, in: $0) }
            }
            Terminal.print(invocation.wantsJSON ? json(schedule, source) : Array(text(schedule, source).utf8))
            return .done
        }
        return isChange
            ? try await Control.with(invocation) { try await run($0.session) }
            : try await Session.with(invocation, for: .reading, run)
    }

    private static func change(of invocation: Invocation) throws(UsageError) -> (inout SyncSchedule) -> Void {
        let every = try invocation.number("--every", in: SyncSchedule.changesRange)
        let catalogue = try invocation.number("--catalogue-every", in: SyncSchedule.catalogueRange)
        let census = try invocation.number("--census-every", in: SyncSchedule.censusRange)
        let budget = try invocation.number("--budget", in: SyncSchedule.budgetRange)
        let endsQuiet = invocation.value("--quiet") == "never"
        let quiet = endsQuiet ? nil : try quietHours(of: invocation)
        let isManual: Bool? = invocation.has("--manual") ? true : invocation.has("--automatic") ? false : nil
        return { schedule in
            schedule = SyncSchedule(
                changes: every ?? schedule.changes, catalogue: catalogue ?? schedule.catalogue,
                census: census ?? schedule.census, quiet: endsQuiet ? nil : quiet ?? schedule.quiet,
                budget: budget ?? schedule.budget, isManual: isManual ?? schedule.isManual)
        }
    }

    private static func quietHours(of invocation: Invocation) throws(UsageError) -> SyncSchedule.QuietHours? {
        guard let text = invocation.value("--quiet") else {
            guard !invocation.has("--zone") else { throw UsageError("--zone belongs to --quiet FROM-TO") }
            return nil
        }
        let times = text.split(separator: "-").map(minute)
        guard times.count == 2, let from = times[0], let to = times[1], from != to else {
            throw UsageError("--quiet takes two times of the day, as 22:00-06:00, not '\(text)'")
        }
        let hours = SyncSchedule.QuietHours(from: from, to: to, zone: invocation.value("--zone") ?? "UTC")
        guard hours.isZoneKnown else {
            throw UsageError("--zone takes a name such as Europe/Berlin; this machine does not know '\(hours.zone)'")
        }
        return hours
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]), parts[1].count == 2,
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    private static func json(_ schedule: SyncSchedule, _ source: Source) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.name)
            json.key("schedule")
            json.raw(schedule.json)
        }
        return json.bytes
    }

    private static func text(_ schedule: SyncSchedule, _ source: Source) -> String {
        func time(_ minute: Int) -> String {
            "\(minute / 60 < 10 ? "0" : "")\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60)"
        }
        func every(_ seconds: Int) -> String { "every \(Wording.grouped(seconds)) s" }
        let quiet = schedule.quiet.map { "\(time($0.from))-\(time($0.to)) \($0.zone)" } ?? "never"
        return """
            \(source.name): \(schedule.isManual ? "read only when asked" : "read by itself")
              changes       \(every(schedule.changes))
              names         \(every(schedule.catalogue))
              census        \(every(schedule.census))
              who sees what \(every(source.accessOptions.refresh))
              quiet hours   \(quiet)
              budget        \(schedule.budget) % of what Jira allows
            """
    }
}
