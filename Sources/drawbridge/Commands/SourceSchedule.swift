import AuditTrail
import Console
import FastJSON
import IssueModel
import Journal
import SourceAdministration
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
            let administration = session.administration(invocation.environment)
            let source = try await administration.present(name)
            let schedule =
                isChange
                ? try await administration.setSchedule(of: name, change, by: .commandLine)
                : try await administration.schedule(of: name)
            Terminal.print(invocation.wantsJSON ? json(schedule, source) : Array(text(schedule, source).utf8))
            return .done
        }
        return isChange
            ? try await Control.with(invocation) { try await run($0.session) }
            : try await Session.with(invocation, for: .reading, run)
    }

    private static func change(of invocation: Invocation) throws -> ScheduleChange {
        var change = ScheduleChange()
        change.changes = try invocation.number("--every", in: SyncSchedule.changesRange)
        change.catalogue = try invocation.number("--catalogue-every", in: SyncSchedule.catalogueRange)
        change.census = try invocation.number("--census-every", in: SyncSchedule.censusRange)
        change.budget = try invocation.number("--budget", in: SyncSchedule.budgetRange)
        change.isManual = invocation.has("--manual") ? true : invocation.has("--automatic") ? false : nil
        change.endsQuiet = invocation.value("--quiet") == "never"
        if let quiet = invocation.value("--quiet"), !change.endsQuiet {
            change.quiet = try ScheduleChange.quietHours(quiet, zone: invocation.value("--zone"))
        } else if invocation.has("--zone") {
            throw UsageError("--zone belongs to --quiet FROM-TO")
        }
        return change
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
