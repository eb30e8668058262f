import AuditTrail
import Console
import Database
import FastJSON
import IssueModel
import Reading
import SourceAdministration
import Store
import SyncEngine

extension Command {
    static let accessLevels: [Command] = [levels, declareLevel]

    private static let levels = Command(
        words: ["access", "levels"],
        summary: "List a source's security levels: whom each admits, and how many issues it hides",
        arguments: [Argument(name: "SOURCE", help: "the source's name")],
        options: [.flag("--json", "print them as JSON")], example: "drawbridge access levels dc"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let source = try await session.source(named: invocation.arguments[0])
            let levels = try await session.store.read { try AccessLevels(of: source, in: $0) }
            Terminal.print(invocation.wantsJSON ? levels.json : Array(Terminal.visible(levels.text).utf8))
            return .done
        }
    }

    private static let declareLevel = Command(
        words: ["access", "declare-level"],
        summary: "Say who is in a security level, where Jira does not tell (Data Center)",
        arguments: [
            Argument(name: "SOURCE", help: "the source's name"),
            Argument(name: "LEVEL", help: "the level's name or id, as 'access levels' shows it"),
        ],
        options: [
            .value("--member", "KIND[:VALUE]", "one member of the level, as below", repeatable: true),
            .flag("--withdraw", "take back what was declared"),
            .flag("--json", "print the source's levels as JSON"),
        ],
        discussion: """
            Members: group:NAME, role:NAME or role:ID, user:KEY or user:NAME, user-field:ID, group-field:ID, lead, reporter, assignee,
            logged-in, application:KEY, anyone. Give all of them, as Jira's administration page of the issue security scheme shows them: what was
            declared before is replaced. It counts at once. A level whose members Jira tells is always decided by Jira.
            Look again whenever that page is changed: Drawbridge cannot notice it.
            """,
        example:
            "drawbridge access declare-level dc Staff --member group:staff --member role:Developers --member reporter"
    ) { invocation in
        let (name, wanted) = (invocation.arguments[0], invocation.arguments[1])
        let typed = invocation.all("--member")
        guard invocation.has("--withdraw") != !typed.isEmpty else {
            throw UsageError("'access declare-level' needs --member KIND[:VALUE], once for each, or else --withdraw")
        }
        return try await Session.with(invocation, for: .writing) { session in
            let source = try await session.source(named: name)
            let now = Session.now
            let by = invocation.environment["USER"].flatMap { $0.isEmpty ? nil : $0 } ?? "the operator"
            let id = try await session.store.write { context in
                let level = try AccessLevels(of: source, in: context.connection).level(wanted)
                guard level.origin != .jira else {
                    throw ReadingError(
                        .unknownLevel,
                        "Jira itself tells who is in the level “\(level.name)”, and that decides. Change it there.")
                }
                if typed.isEmpty {
                    try DeclaredLevels.withdraw(level.id, source: source.id, in: context)
                } else {
                    let holders = try AccessHolders(source: source, in: context.connection)
                    try DeclaredLevels.declare(
                        level.id, members: try typed.map { try holders.holder($0) }, by: by, at: now,
                        source: source.id, in: context)
                }
                let action = typed.isEmpty ? "access.level_withdrawn" : "access.level_declared"
                let details: JSONValue = ["level": .string(level.name), "members": .array(typed.map { .string($0) })]
                try AuditTrail.append(
                    AuditOrigin.commandLine.event(action, subject: source.name, details: details), in: context)
                return level.id
            }
            let administration = session.administration(invocation.environment)
            try await Terminal.whileWorking(on: "Applying the rules") {
                try await administration.rewriteKeys(of: source)
            }
            let levels = try await session.store.read { try AccessLevels(of: source, in: $0) }
            if invocation.wantsJSON {
                Terminal.print(levels.json)
            } else if let level = levels.levels.first(where: { $0.id == id }) {
                Terminal.print(Terminal.visible(sentence(level)))
            }
            return .done
        }
    }

    private static func sentence(_ level: AccessLevels.Level) -> String {
        let issues = Wording.count(level.issues, "issue")
        return level.origin == .unknown
            ? "“\(level.name)” admits nobody again but those whose own linked account Jira lists its issues to; it is on \(issues)."
            : "“\(level.name)” admits \(level.members.joined(separator: ", ")); it is on \(issues)."
    }
}
