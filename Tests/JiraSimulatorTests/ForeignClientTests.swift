import FastJSON
import JiraSimulator
import SimulatedSite
import Testing

/// The public Python client `jira`, which knows nothing of this project, reads both flavours.
@Suite("A foreign client", .enabled(if: Python.isPresent, "needs the Python environment of scripts/bootstrap"))
struct ForeignClientTests {
    @Test(
        "logs in, searches, pages, reads issues, comments and permissions", arguments: [SiteFlavour.cloud, .dataCenter])
    func reads(flavour: SiteFlavour) async throws {
        try await Site.with(flavour, issues: 400) { site in
            let admin = site.tour.administrator
            let login =
                flavour.isCloud
                ? ["cloud", site.server.url, admin.email, admin.apiToken]
                : ["dc", site.server.url, "", admin.personalAccessToken]
            let outcome = try await Python.run("check_jira_client.py", login + ["PAY", site.tour.issueKey])
            try #require(outcome.status == 0, "\(outcome.errors)")
            let report = try JSONValue(parsing: outcome.output)
            let ordinal = try #require(site.state.ordinal(key: site.tour.issueKey))
            let content = site.state.content(of: ordinal)
            let expected = site.server.truth(for: .user(admin.index)).issues.compactMap { site.state.ordinal(id: $0) }
                .map { site.state.key(of: $0) }.filter { $0.hasPrefix("PAY-") }
            #expect(report.values("keys").compactMap(\.string) == expected.sorted())
            #expect(report["count"]?.integer == expected.count)
            #expect(report.values("firstPage").count == 7)
            #expect(report.text("me") == admin.displayName)
            #expect(report.text("summary") == content.summary)
            #expect(report.values("comments").compactMap(\.string) == content.comments.map { String($0.id) })
            #expect(report["worklogs"]?.integer == content.worklogs.count)
            #expect(report["permissions"]?.bool == true)
            #expect(report["missing"]?.integer == 404)
            #expect(report.text("scheme")?.isEmpty == false)
            if !flavour.isCloud {
                for file in content.attachments { #expect(report["attachments"]?[file.fileName]?.integer == file.size) }
            }
        }
    }
}
