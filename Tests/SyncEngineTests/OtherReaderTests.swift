import AccessControl
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// What was read for one account is not shown as what another one sees: in the modes public and shared nothing but the
/// credential keeps anybody out.
@Suite struct OtherReaderTests {
    static let configuration = SiteConfiguration(issueCount: 30, averageIssueBytes: 1_000)

    private static func credential(_ scene: AccessScene, _ person: User) throws -> Credential {
        let first = try #require(scene.jira.credentials.all(of: person).first { $0.kind == .apiToken })
        return .apiToken(email: first.user, token: first.secret)
    }

    private static func add(
        _ scene: AccessScene, _ credential: Credential, _ mode: Source.AccessMode?
    ) async -> SyncFailure? {
        do throws(SyncFailure) {
            _ = try await scene.setup.add(
                .init(name: AccessScene.name, address: scene.jira.url, credential: credential, mode: mode),
                to: scene.store)
            return nil
        } catch {
            return error
        }
    }

    private static func remove(_ scene: AccessScene) async throws {
        let id = try await scene.source().id
        try await scene.store.write { try SourceRecords.remove(id, in: $0) }
    }

    @Test("a source that is read with an account is not public") func publicNeedsNoAccount() async throws {
        await #expect(throws: SyncFailure.self) {
            try await AccessScene.lent(Self.configuration, mode: .public) { _ in }
        }
        try await AccessScene.lent(Self.configuration) { scene in
            let source = try await scene.source()
            #expect(SourceSetup.refusal(of: .public, for: source) != nil)
            for mode in [AccessMode.mirror, .linked, .shared] {
                #expect(SourceSetup.refusal(of: mode, for: source) == nil)
            }
        }
        try await AccessScene.lent(Self.configuration, anonymous: true) { scene in
            let source = try await scene.source()
            #expect(SourceSetup.refusal(of: .public, for: source) == nil)
        }
    }

    @Test("neither does a public source get an account, nor a copy made with an account become anonymous")
    func credentialKeepsItsKind() async throws {
        try await AccessScene.lent(Self.configuration, anonymous: true) { scene in
            try await scene.synchronise()
            let source = try await scene.source()
            #expect(source.accessMode == .public)
            let person = try #require(scene.jira.credentials.administrator)
            let credential = try Self.credential(scene, person)
            await #expect(throws: SyncFailure.self) {
                try await scene.setup.replaceCredential(of: source, with: credential, in: scene.store)
            }
            #expect(try await scene.source().credentialKind == Credential.anonymous.kind)
        }
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            let source = try await scene.source()
            await #expect(throws: SyncFailure.self) {
                try await scene.setup.replaceCredential(of: source, with: .anonymous, in: scene.store)
            }
        }
    }

    @Test("a removed source is not taken up anonymously with what an account had read")
    func takenUpAnonymously() async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            let before = try await scene.visible(to: .anonymous)
            try await Self.remove(scene)
            for mode in [AccessMode.public, .mirror, nil] {
                let failure = await Self.add(scene, .anonymous, mode)
                #expect(failure?.code == .sourceExists && failure?.fix.contains("--purge") == true, "\(failure as Any)")
            }
            #expect(try await scene.visible(to: .anonymous).issues.isEmpty)
            // With the same account it goes on as it was.
            let person = try #require(scene.jira.credentials.administrator)
            let credential = try Self.credential(scene, person)
            #expect(await Self.add(scene, credential, nil) == nil)
            #expect(try await scene.visible(to: .anonymous) == before)
        }
    }

    @Test("what one account had read is not shared as what another one sees") func sharedByAnother() async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            let developer = scene.site.tour.developer
            let other = try Self.credential(scene, developer)
            let id = try await scene.source().id
            try await scene.store.write { context in
                guard var source = try SourceRecords.source(id, in: context.connection) else { return }
                source.accessMode = .shared
                try SourceRecords.update(source, in: context)
            }
            let source = try await scene.source()
            await #expect(throws: SyncFailure.self) {
                try await scene.setup.replaceCredential(of: source, with: other, in: scene.store)
            }
            try await Self.remove(scene)
            let failure = await Self.add(scene, other, .shared)
            #expect(failure?.code == .sourceExists, "\(failure as Any)")
            #expect(try await scene.visible(to: .accounts([:])).issues.isEmpty)
        }
    }
}
