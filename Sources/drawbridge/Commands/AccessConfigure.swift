import AuditTrail
import SourceAdministration
import AccessControl
import Console
import FastJSON
import IssueModel
import Reading
import SiteConnection
import Store
import SyncEngine

extension Command {
    static let accessConfigure = Command(
        words: ["access", "configure"],
        summary: "Choose how a source decides who sees what, and how fresh its rules must be",
        arguments: [Argument(name: "SOURCE", help: "the source's name")],
        options: [
            .value("--mode", "MODE", "mirror, linked, public or shared"),
            .value("--refresh", "SECONDS", "read the rules again after so long; 300 at first, 10 to 86400"),
            .value("--lease", "SECONDS", "hide what rests on rules older than this; 3600 at first, 60 to 604800"),
            .value(
                "--audit-share", "PERCENT",
                "of a refresh's requests, spent on asking Jira itself; 10 at first, 0 is never"),
            .flag("--json", "print the settings as JSON"),
        ],
        discussion: """
            Without an option it shows the settings. A change of mode counts at once: in mirror and linked nobody sees more than before
            until the rules or a listing were read for it. The mode shared shows every member what the source's credential sees.
            """,
        example: "drawbridge access configure work --refresh 120 --lease 1800"
    ) { invocation in
        let mode = try invocation.choice("--mode", AccessMode.self)
        let refresh = try invocation.number("--refresh", in: AccessOptions.refreshRange)
        let lease = try invocation.number("--lease", in: AccessOptions.leaseRange)
        let share = try invocation.number("--audit-share", in: 0...100)
        let isChange = mode != nil || refresh != nil || lease != nil || share != nil
        return try await Session.with(invocation, for: isChange ? .writing : .reading) { session in
            let administration = session.administration(invocation.environment)
            let name = invocation.arguments[0]
            let source =
                isChange
                ? try await Terminal.whileWorking(on: "Applying the rules") {
                    try await administration.setAccess(
                        of: name, mode: mode, refresh: refresh, lease: lease, auditPercent: share, by: .commandLine)
                } : try await administration.present(name)
            Terminal.print(invocation.wantsJSON ? json(source) : Array(text(source).utf8))
            return .done
        }
    }

    private static func json(_ source: Source) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.name)
            json.member("mode", source.accessMode.rawValue)
            json.member("refresh", source.accessOptions.refresh)
            json.member("lease", source.accessOptions.lease)
            json.member("auditShare", Int((source.accessOptions.auditShare * 100).rounded()))
        }
        return json.bytes
    }

    private static func text(_ source: Source) -> String {
        let options = source.accessOptions
        let warning = source.accessMode == .shared ? "\n" + SourceCheck.shared.text : ""
        return """
            \(source.name): access mode \(source.accessMode.rawValue). The rules are read every \
            \(Wording.duration(seconds: options.refresh)); what rests on rules older than \
            \(Wording.duration(seconds: options.lease)) is hidden. \(Int((options.auditShare * 100).rounded())) % of a \
            refresh's requests go into checking against Jira itself.\(warning)
            """
    }
}
