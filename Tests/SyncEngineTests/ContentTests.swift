import AccessControl
import Database
import IssueDecoding
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// Reads text files, and fails on every PDF.
private struct PlainReader: AttachmentReading {
    struct Damaged: Error {}

    func reads(filename: String, mimeType: String) -> Bool { mimeType == "text/plain" || mimeType.hasSuffix("pdf") }

    func text(of bytes: [UInt8], filename: String, mimeType: String) async throws -> String {
        if mimeType.hasSuffix("pdf") { throw Damaged() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite struct ContentTests {
    @Test("the stored copies decode to what the site holds", arguments: [SiteFlavour.cloud, .dataCenter])
    func copies(_ flavour: SiteFlavour) async throws {
        try await SimulatedSource.lent(SiteConfiguration(flavour: flavour, issueCount: 300)) { source in
            _ = try await source.synchronise()
            let site = source.server.site.current()
            var seen: Set<String> = []
            for issue in try await Self.issues(of: source) {
                let ordinal = try #require(site.ordinal(id: Int(issue.id.rawValue)))
                let content = site.content(of: ordinal)
                #expect(issue.key.description == site.key(of: ordinal))
                #expect(issue.summary == content.summary)
                #expect(issue.changes.count == content.changes.count)
                #expect(issue.links.count <= content.links.count)
                #expect(issue.comments.count <= content.comments.count)
                seen.formUnion(Self.hardFields(of: issue))
            }
            let wanted: Set<String> = [
                "time tracking", "resolution", "security level", "progress", "aggregate progress", "status category",
                "rank",
            ]
            #expect(seen.isSuperset(of: wanted), "missing: \(wanted.subtracting(seen))")
            if flavour.isCloud { #expect(seen.contains("restrict to")) }
        }
    }

    /// The fields that other tools do not synchronise.
    private static func hardFields(of issue: Issue) -> [String] {
        var names: [String] = []
        if issue.timeTracking?.originalEstimate != nil { names.append("time tracking") }
        if issue.resolution != nil { names.append("resolution") }
        if issue.securityLevel != nil { names.append("security level") }
        if (issue.progress?.total ?? 0) > 0 { names.append("progress") }
        if (issue.aggregateProgress?.total ?? 0) > 0 { names.append("aggregate progress") }
        if issue.status.category != .undefined { names.append("status category") }
        if issue.rank != nil { names.append("rank") }
        if !issue.restrictedToRoles.isEmpty { names.append("restrict to") }
        return names
    }

    private static func issues(of source: SimulatedSource) async throws -> [Issue] {
        let (id, raw, flavour) = (
            try await source.sourceRecord().id, source.store.raw, source.server.site.configuration.flavour
        )
        return try await source.store.read { connection in
            let fields = try CatalogueRecords.fields(source: id, in: connection)
            let decoder = IssueDecoder(
                fields: FieldCatalogue(fields), flavour: flavour.isCloud ? .cloud : .dataCenter)
            return try connection.rows("SELECT id FROM issue") { $0.int64(0) }.map { issue in
                let parts = try #require(try raw.parts(ofIssue: issue, in: connection))
                return try decoder.decode(try #require(RawIssue { parts[$0] }))
            }
        }
    }

    @Test(
        "text of attachments is kept; one that cannot be read costs only itself",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func attachments(_ flavour: SiteFlavour) async throws {
        try await SimulatedSource.lent(SiteConfiguration(flavour: flavour, issueCount: 120)) { source in
            let summary = try await source.synchronise(extractor: PlainReader())
            #expect(summary.finished)
            let id = try await source.sourceRecord().id
            let counts = try await source.store.read { try AttachmentTexts.counts(source: id, in: $0) }
            #expect(counts[.pending] ?? 0 == 0)
            #expect(counts[.extracted] ?? 0 > 0)
            #expect(counts[.failed] ?? 0 > 0)
            #expect(summary.warnings.contains { $0.code == .attachmentsUnread })
            let site = source.server.site.current()
            let rows = try await source.store.read { connection in
                try connection.rows("SELECT issue_id, jira_id FROM attachment WHERE text_state = 1") {
                    ($0.int64(0), EntityID($0.text(1)))
                }
            }
            for (issue, attachment) in rows {
                let stored = try await source.store.read {
                    try AttachmentTexts.text(of: attachment, issue: issue, in: $0)
                }
                let truth = try #require(site.attachment(id: Int(attachment.rawValue) ?? 0)).attachment
                #expect(stored == String(decoding: site.bytes(of: truth), as: UTF8.self))
            }
            // Nothing waits any more, so nothing is fetched again.
            let second = try await source.synchronise(extractor: PlainReader())
            #expect(!second.warnings.contains { $0.code == .attachmentsUnread })
        }
    }
}
