import AccessEngine
import Console
import Foundation
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import Reading
import SearchIndex
import SimulatedSite
import SimulatorCommands
import SiteConnection
import Store
import SyncEngine

extension Command {
    static let demo = Command(
        words: ["demo"], summary: "Show the whole job on a simulated Jira: connect, copy, and search as three people",
        options: [
            .value("--port", "N", "the simulated Jira's port; without it a free one"),
            .value("--issues", "N", "how many issues it has; 2,000 without it"),
            .value("--seed", "N", "the same seed makes the same site; 1 without it"),
        ],
        discussion:
            "Works offline. The copy goes to ./demo-data unless --data says otherwise, and stays there to be explored.",
        example: "drawbridge demo"
    ) { invocation in
        let folder = invocation.value("--data") ?? "demo-data"
        try DemoFolder.prepare(folder)
        let server = try SimulatedJira.server(invocation)
        try server.start()
        do {
            try await Session.with(folder: folder, for: .writing) { try await Demo(server: server, session: $0).copy() }
            let isTrue = try await Session.with(folder: folder, for: .reading) { session in
                try await Demo(server: server, session: session).tour()
            }
            let staysTrue = try await Session.with(folder: folder, for: .writing) { session in
                try await Demo(server: server, session: session).change(folder)
            }
            await server.stop()
            return isTrue && staysTrue ? .done : .failed
        } catch {
            await server.stop()
            throw error
        }
    }
}

/// The folder of the demonstration, which it may empty: only one it made itself.
private enum DemoFolder {
    private static let mark = ".drawbridge-demo"

    static func prepare(_ path: String) throws {
        let files = FileManager.default
        if files.fileExists(atPath: path), !(try files.contentsOfDirectory(atPath: path)).isEmpty {
            guard files.fileExists(atPath: "\(path)/\(mark)") else {
                throw UsageError(
                    "'\(path)' holds something that is not a demonstration's; name another folder with --data")
            }
            try files.removeItem(atPath: path)
        }
        try files.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try Data().write(to: URL(fileURLWithPath: "\(path)/\(mark)"))
    }
}

/// The guided tour. Every line of it is the result of really doing it.
private struct Demo {
    let server: SimulatorServer
    let session: Session
    private static let sourceName = "demo"

    private var tourOfSite: Tour { server.site.tour }

    /// The three people of the tour, as `--as` names them.
    private var people: [(who: String, description: String, caller: Caller)] {
        let (administrator, developer) = (tourOfSite.administrator, tourOfSite.developer)
        return [
            (administrator.accountID, "\(administrator.displayName), who sees everything", .user(administrator.index)),
            (developer.accountID, "\(developer.displayName), a developer", .user(developer.index)),
            ("anonymous", "somebody who has not signed in", .anonymous),
        ]
    }

    /// Connects and copies.
    func copy() async throws {
        heading("A Jira to work with")
        Terminal.print(
            "A simulated Jira Cloud of \(Wording.grouped(server.site.configuration.issueCount)) issues answers at \(server.url)."
        )
        heading("Connect it")
        guard
            let credential = server.credentials.all(of: tourOfSite.administrator).first(where: { $0.kind == .apiToken })
        else {
            throw UsageError("the simulated site has no administrator")
        }
        command("source add \(server.url) --name \(Self.sourceName) --email \(credential.user) --token-file …")
        let request = SourceSetup.Request(
            name: Self.sourceName, address: server.url,
            credential: .apiToken(email: credential.user, token: credential.secret))
        let (_, findings) = try await Session.setup([:]).add(request, to: session.store)
        for check in findings.checks { Terminal.print(indented(check.text)) }
        heading("Copy it")
        command("sync \(Self.sourceName)")
        _ = try await SyncReport.run(Self.sourceName, session.synchroniser([:]), json: false)
    }

    /// - Returns: Whether everybody saw exactly what Jira shows them.
    func tour() async throws -> Bool {
        let word = tourOfSite.word
        heading("Search")
        command("search \(word) --limit 3")
        Terminal.print(
            indented(try await SearchReading(session).search(word, as: nil, limit: 3, now: Session.now).text))

        heading("The same search as three people")
        for person in people {
            command("search \(word) --as \(person.who)")
            let answer = try await SearchReading(session).search(
                word, as: person.who, limit: 50, now: Session.now)
            Terminal.print("  For \(person.description): \(answer.summaryLine)")
            Terminal.print("  \(answer.results.hits.map(\.key).joined(separator: " "))")
        }
        Terminal.print(
            "\n\(tourOfSite.levelIssueKey) has the security level '\(tourOfSite.levelName)'; \(tourOfSite.commentIssueKey) has the word only in a comment "
                + "for the role '\(tourOfSite.roleName)'.\nThe developer gets neither, and the total says nothing of them."
        )

        heading("One issue, as the developer sees it")
        command("issue \(tourOfSite.issueKey) --as \(tourOfSite.developer.accountID) --markdown")
        let view = try await IssueReader(store: session.store).issue(
            tourOfSite.issueKey, as: tourOfSite.developer.accountID)
        Terminal.print(indented(view.markdown))

        heading("Why the developer does not see \(tourOfSite.levelIssueKey)")
        command("access explain \(tourOfSite.levelIssueKey) --as \(tourOfSite.developer.accountID)")
        let report = try await AccessReading(store: session.store).explain(
            tourOfSite.levelIssueKey, as: tourOfSite.developer.accountID)
        Terminal.print(indented(report.text))

        return try await compareWithJira()
    }

    /// Takes a right away in Jira, reads the rules again, and lets Jira itself check what is shown.
    ///
    /// - Returns: Whether everybody still sees exactly what Jira shows them.
    func change(_ folder: String) async throws -> Bool {
        let (developer, word) = (tourOfSite.developer, tourOfSite.word)
        let project = server.site.current().projects[0]
        heading("A right is taken away in Jira")
        Terminal.print("In Jira, \(developer.displayName) leaves every role of the project \(project.key).")
        server.site.change { state in
            for (role, actors) in state.projects[0].actors {
                let others = actors.filter { actor in
                    switch actor {
                    case .user(let index): index != developer.index
                    case .group(let index): !state.groups[index].members.contains(developer.index)
                    }
                }
                state.setActors(0, role: role, to: others)
            }
        }
        let service = session.synchroniser([:])
        command("access refresh \(Self.sourceName)")
        let refreshed = try await service.refreshAccess(Self.sourceName)
        Terminal.print(
            "  The rules were read again in \(Wording.count(refreshed.requests, "request")); no issue was read or written."
        )
        command("search \(word) --as \(developer.accountID)")
        let answer = try await SearchReading(session).search(
            word, as: developer.accountID, limit: 50, now: Session.now)
        Terminal.print("  \(answer.summaryLine)")
        command("access audit \(Self.sourceName)")
        let audit = try await service.auditAccess(Self.sourceName)
        let differences = audit.totals.tooMuch + audit.totals.tooLittle
        Terminal.print(
            "  Jira was asked about \(Wording.count(audit.totals.pairs, "pair")) of a person and an issue: "
                + "\(Wording.count(differences, "difference")).")
        let isTrue = try await compareWithJira("Checked again") && differences == 0
        goOn(folder)
        return isTrue
    }

    private func goOn(_ folder: String) {
        heading("Go on")
        let program = CommandLine.arguments[0]
        for line in [
            "search 'is:open priority:high updated:>2026-08-01'",
            "search '\"\(tourOfSite.word) file\" OR E4017' --as \(tourOfSite.developer.accountID)",
            "issue \(tourOfSite.issueKey) --json",
            "access diff --as \(tourOfSite.administrator.accountID) --as \(tourOfSite.developer.accountID)",
            "export issues --format csv",
            "status",
        ] {
            Terminal.print(Terminal.dim("$ \(program) \(line) --data \(folder)"))
        }
        Terminal.print(Terminal.dim("$ \(program) help"))
    }

    /// Asks the simulated Jira's own evaluator what each person may see, and compares.
    private func compareWithJira(_ words: String = "Checked against Jira itself") async throws -> Bool {
        heading(words)
        var isTrue = true
        for person in people {
            let truth = server.truth(for: person.caller)
            let listing = try await AccessReading(store: session.store).visible(to: person.who)
            let seen = listing.first.map { Set($0.records.issues.map { Int($0.rawValue) }) } ?? []
            let comments = listing.first.map { Set($0.records.comments.compactMap { Int($0.rawValue) }) } ?? []
            let isEqual = seen == Set(truth.issues) && comments == Set(truth.comments)
            isTrue = isTrue && isEqual
            Terminal.print(
                "  \(isEqual ? "equal " : "DIFFERS")  \(person.description): \(Wording.count(truth.issues.count, "issue")) and "
                    + "\(Wording.count(truth.comments.count, "comment")) in Jira, \(Wording.grouped(seen.count)) and "
                    + "\(Wording.grouped(comments.count)) here")
        }
        return isTrue
    }

    private func heading(_ text: String) {
        Terminal.print("\n" + Terminal.bold("── \(text) ") + String(repeating: "─", count: max(0, 72 - text.count)))
    }

    private func command(_ text: String) {
        Terminal.print(Terminal.dim("$ drawbridge \(text)"))
    }

    private func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  \($0)" }.joined(
            separator: "\n")
    }
}
