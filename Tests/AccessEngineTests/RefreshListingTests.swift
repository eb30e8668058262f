import AccessControl
import AccessEngine
import Database
import HTTPMessages
import IssueModel
import JiraSimulator
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Testing

/// Data Centers that list only some of their groups and accounts.
@Suite struct RefreshListingTests {
    private static func site(groups: Int = 60) -> SiteConfiguration {
        var scale = AccessScale()
        (scale.projects, scale.groups, scale.accounts, scale.groupsOfDeveloper, scale.issues) = (
            20, groups, 230, 20, 30
        )
        return .access(seed: 3, flavour: .dataCenter, scale: scale)
    }

    /// Members of groups who may sign in, by group.
    private func members(_ scene: RefreshScene) async throws -> [String: Set<String>] {
        try await scene.store.read { connection in
            let rows = try connection.rows(
                """
                SELECT g.jira_id, a.jira_id FROM membership m JOIN person_group g ON g.id = m.group_id
                JOIN account a ON a.id = m.account_id WHERE a.active = 1
                """
            ) { ($0.text(0), $0.text(1)) }
            return Dictionary(grouping: rows, by: \.0).mapValues { Set($0.map(\.1)) }
        }
    }

    @Test("more groups than the picker lists cost nothing but names: nothing is hidden, nothing forgotten")
    func groups() async throws {
        let whole = try await RefreshScene(Self.site(groups: 400))
        try await whole.refresh(.everything)
        let scene = try await RefreshScene(Self.site(groups: 400)) { request in
            if request.url.contains("/groups/picker") { request.url.replace("maxResults=1000", with: "maxResults=40") }
            return nil
        }
        let (summary, _) = try await scene.refresh(.everything)
        #expect(summary.warnings.map(\.code) == [.groupsIncomplete] && summary.failed == 0)
        let known = try await scene.facts()
        #expect(try await known.groups.count < whole.facts().groups.count)
        // The list comes round again.
        for _ in 0..<2 {
            try await scene.refresh(.everything)
            #expect(try await members(scene) == members(whole))
            #expect(try await scene.shown() == 20)
            #expect(try await scene.facts() == known)
        }
    }

    struct Cut: CustomTestStringConvertible, Sendable {
        var name: String
        var alter: @Sendable (String) -> (url: String, isEmpty: Bool)
        var testDescription: String { name }
    }

    @Test(
        "a list of accounts that is cut hides nobody who is in a group that rules name",
        arguments: [
            Cut(name: "after fifty") { url in
                (url.replacing("maxResults=1000", with: "maxResults=50"), !url.contains("startAt=0&"))
            },
            Cut(name: "the same page again and again") { url in
                let from = url.firstRange(of: "startAt=").map { url[$0.upperBound...].prefix { $0.isNumber } } ?? ""
                return (
                    url.replacing("startAt=\(from)", with: "startAt=0").replacing(
                        "maxResults=1000", with: "maxResults=50"),
                    false
                )
            },
        ])
    func accounts(_ cut: Cut) async throws {
        let whole = try await RefreshScene(Self.site())
        try await whole.refresh(.everything)
        let scene = try await RefreshScene(Self.site()) { request in
            guard request.url.contains("/user/search") else { return nil }
            let altered = cut.alter(request.url)
            request.url = altered.url
            guard altered.isEmpty else { return nil }
            return HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: Array("[]".utf8))
        }
        let (summary, _) = try await scene.refresh(.everything)
        #expect(summary.warnings.map(\.code) == [.accountsIncomplete] && summary.failed == 0)
        #expect(try await members(scene) == members(whole))
        for _ in 0..<7 {
            try await scene.refresh()
            #expect(try await members(scene) == members(whole))
        }
        #expect(try await scene.shown() == 20)
        // Whoever is deactivated is known from the groups.
        let user = scene.jira.site.current().users[100]
        scene.change { state, _ in state.setActive(100, false) }
        for _ in 0..<6 { try await scene.refresh() }
        #expect(try await members(scene).values.allSatisfy { !$0.contains(user.key) })
    }
}
