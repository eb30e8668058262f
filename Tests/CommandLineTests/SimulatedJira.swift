import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// A simulated site on a port, and the program with a data folder of its own.
struct SimulatedJira {
    let server: SimulatorServer
    let program: Program

    /// The name of the source that ``add(_:of:_:)`` makes.
    static let source = "work"

    /// Lends a started site and takes it down afterwards. A Data Center hangs at `/jira`.
    static func lent(
        _ site: SiteConfiguration, server adjust: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (SimulatedJira) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration()
        configuration.contextPath = site.flavour.isCloud ? "" : "/jira"
        adjust(&configuration)
        let server = SimulatorServer(site: SimulatedSite(site), configuration: configuration)
        try server.start()
        var result = Result<Void, any Error>.success(())
        do {
            try await Program.withDataFolder { program in
                var program = program
                program.environment["DRAWBRIDGE_ATLASSIAN_API_URL"] = server.gatewayHost
                try await body(SimulatedJira(server: server, program: program))
            }
        } catch {
            result = .failure(error)
        }
        await server.stop()
        try result.get()
    }

    /// A site of 120 issues, the same every time.
    static func lent(
        _ flavour: SiteFlavour, issues: Int = 120, server adjust: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (SimulatedJira) async throws -> Void
    ) async throws {
        let site = SiteConfiguration(flavour: flavour, seed: 11, issueCount: issues, averageIssueBytes: 1_500)
        try await lent(site, server: adjust, body)
    }

    var state: SiteState { server.site.current() }
    var tour: Tour { server.site.tour }
    var isCloud: Bool { state.configuration.flavour.isCloud }

    // MARK: Signing in

    func credential(_ kind: SimulatedCredential.Kind? = nil, of person: User? = nil) throws -> SimulatedCredential {
        let all = server.credentials.all(of: person ?? tour.administrator)
        return try #require(all.first { kind == nil || $0.kind == kind })
    }

    /// The options that sign in with a credential; `nil` reads anonymously.
    func options(_ credential: SimulatedCredential?) throws -> [String] {
        guard let credential else { return ["--anonymous"] }
        let file = try program.secretFile(credential.secret)
        return switch credential.kind {
        case .apiToken, .scopedToken: ["--email", credential.user, "--token-file", file]
        case .personalAccessToken: ["--pat-file", file]
        case .password: ["--username", credential.user, "--password-file", file]
        }
    }

    /// Adds the site as a source, by default with the administrator's first credential.
    @discardableResult
    func add(
        _ kind: SimulatedCredential.Kind? = nil, of person: User? = nil, _ more: String...
    ) async throws -> Program.Outcome {
        let words = ["source", "add", server.url, "--name", Self.source]
        return try await program.run(words + options(try credential(kind, of: person)) + more)
    }

    @discardableResult
    func addAnonymously(_ more: String...) async throws -> Program.Outcome {
        try await program.run(["source", "add", server.url, "--name", Self.source, "--anonymous"] + more)
    }

    @discardableResult
    func sync(_ more: String...) async throws -> Program.Outcome {
        try await program.run(["sync", Self.source] + more)
    }

    /// Adds and synchronises, and requires both to go well.
    func addAndSync() async throws {
        let added = try await add()
        try #require(added.status == 0, "\(added)")
        let synced = try await sync()
        try #require(synced.status == 0, "\(synced)")
    }

    // MARK: Comparing

    /// How `--as` names a person by the site's own stable identity.
    func identity(_ person: User) -> String { isCloud ? person.accountID : person.key }

    /// What the program shows a reader; `nil` is the operator.
    func seen(as who: String?) async throws -> Seen {
        let words = ["access", "visible", "--source", Self.source, "--json"] + (who.map { ["--as", $0] } ?? [])
        let outcome = try await program.run(words)
        try #require(outcome.status == 0, "\(outcome)")
        return Seen(try outcome.json)
    }

    func issuesSeen(as who: String?) async throws -> Set<Int> { try await seen(as: who).issues }

    /// What Jira shows somebody; on Data Center without issues that have a level, for it tells nobody who is in a level.
    func truth(_ caller: Caller) -> Seen {
        let truth = Seen(server.truth(for: caller))
        let state = state
        guard !isCloud else { return truth }
        var result = truth
        for ordinal in 0..<state.issueCount where state.row(ordinal).level != 0 {
            let content = state.content(of: ordinal)
            result.issues.remove(state.row(ordinal).id)
            result.comments.subtract(content.comments.map(\.id))
            result.worklogs.subtract(content.worklogs.map(\.id))
            result.attachments.subtract(content.attachments.map(\.id))
        }
        return result
    }

    /// The operator's copy against everything that the source's account may read.
    func expectCopyEqualsJira(of caller: Caller? = nil, _ location: SourceLocation = #_sourceLocation) async throws {
        let seen = try await seen(as: nil)
        let truth = Seen(server.truth(for: caller ?? .user(tour.administrator.index)))
        #expect(seen == truth, "\(seen.difference(truth))", sourceLocation: location)
    }
}

/// Ids of what somebody sees.
struct Seen: Hashable {
    var issues: Set<Int>
    var comments: Set<Int>
    var worklogs: Set<Int>
    var attachments: Set<Int>

    init(_ truth: SiteTruth) {
        issues = Set(truth.issues)
        comments = Set(truth.comments)
        worklogs = Set(truth.worklogs)
        attachments = Set(truth.attachments)
    }

    /// From the `access visible` document.
    init(_ json: JSONValue) {
        func ids(_ name: String) -> Set<Int> {
            Set((json[name]?.array ?? []).compactMap { $0.string.flatMap { Int($0) } })
        }
        issues = ids("issues")
        comments = ids("comments")
        worklogs = ids("worklogs")
        attachments = ids("attachments")
    }

    /// The first few ids that only one of two has.
    func difference(_ truth: Seen) -> String {
        func text(_ name: String, _ here: Set<Int>, _ there: Set<Int>) -> String {
            let missing = there.subtracting(here).sorted().prefix(5)
            let extra = here.subtracting(there).sorted().prefix(5)
            return missing.isEmpty && extra.isEmpty ? "" : "\(name): missing \(missing), too many \(extra). "
        }
        return text("issues", issues, truth.issues) + text("comments", comments, truth.comments)
            + text("worklogs", worklogs, truth.worklogs) + text("attachments", attachments, truth.attachments)
    }
}
