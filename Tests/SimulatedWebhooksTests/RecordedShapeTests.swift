import FastJSON
import Foundation
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Testing

/// Where the recorded deliveries are; absent in a bare checkout.
enum Recorded {
    static let folder: URL = {
        let path = ProcessInfo.processInfo.environment["DRAWBRIDGE_SHARED"] ?? "../shared"
        return URL(fileURLWithPath: path).appendingPathComponent("data/webhooks/jira")
    }()

    static let isPresent =
        FileManager.default.fileExists(atPath: folder.path)
        || ProcessInfo.processInfo.environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1"

    static func body(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Array(try Data(contentsOf: folder.appendingPathComponent(name + ".json"))))
    }
}

/// A recorded delivery and what makes the simulated site send its like.
struct RecordedCase: Sendable, CustomTestStringConvertible {
    var file: String
    var flavour: SiteFlavour
    var event: String
    var change: @Sendable (inout SiteState, SiteState.Hand) -> Void

    var testDescription: String { file }

    private static let hello = RichText(paragraph: "Hello")

    static let all: [RecordedCase] = [
        RecordedCase(file: "webhook-cloud-comment-created", flavour: .cloud, event: "comment_created") {
            $0.addComment(0, hello, by: $1)
        },
        RecordedCase(file: "webhook-cloud-comment-updated", flavour: .cloud, event: "comment_updated") {
            $0.editComment($0.content(of: 0).comments[0].id, to: hello, by: $1)
        },
        RecordedCase(file: "webhook-cloud-comment-deleted", flavour: .cloud, event: "comment_deleted") {
            $0.deleteComment($0.content(of: 0).comments[0].id, by: $1)
        },
        RecordedCase(file: "webhook-issue-created", flavour: .cloud, event: "jira:issue_created") {
            $0.createIssue(project: 0, summary: "New", by: $1)
        },
        RecordedCase(file: "webhook-issue-updated-edited", flavour: .cloud, event: "jira:issue_updated") {
            $0.setDescription(0, to: hello, by: $1)
        },
        RecordedCase(file: "webhook-issue-updated-lowered-priority", flavour: .cloud, event: "jira:issue_updated") {
            $0.setPriority(0, to: 4, by: $1)
        },
        RecordedCase(file: "webhook-server-comment-created", flavour: .dataCenter, event: "comment_created") {
            $0.addComment(0, hello, by: $1)
        },
        RecordedCase(file: "webhook-server-comment-updated", flavour: .dataCenter, event: "comment_updated") {
            $0.editComment($0.content(of: 0).comments[0].id, to: hello, by: $1)
        },
        RecordedCase(file: "webhook-server-comment-deleted", flavour: .dataCenter, event: "comment_deleted") {
            $0.deleteComment($0.content(of: 0).comments[0].id, by: $1)
        },
        RecordedCase(
            file: "webhook-server-issue-updated-commented-1", flavour: .dataCenter, event: "jira:issue_updated"
        ) { $0.addComment(0, hello, by: $1) },
        RecordedCase(
            file: "webhook-server-issue-updated-comment-edited", flavour: .dataCenter, event: "jira:issue_updated"
        ) { $0.editComment($0.content(of: 0).comments[0].id, to: hello, by: $1) },
        RecordedCase(
            file: "webhook-server-issue-updated-many-fields", flavour: .dataCenter, event: "jira:issue_updated"
        ) { $0.setLabels(0, to: ["one"], by: $1) },
        RecordedCase(
            file: "webhook-server-old-issue-updated-no-event-type-comment-edited", flavour: .server,
            event: "jira:issue_updated"
        ) { $0.editComment($0.content(of: 0).comments[0].id, to: hello, by: $1) },
    ]
}

@Suite("Deliveries look as those recorded", .enabled(if: Recorded.isPresent, "needs the recorded deliveries"))
struct RecordedShapeTests {
    private func names(_ value: JSONValue?, without extra: Set<String> = []) -> Set<String> {
        guard case .object(let members)? = value else { return [] }
        return Set(members.map(\.key)).subtracting(extra)
    }

    @Test("members are the recorded ones", arguments: RecordedCase.all) func members(_ example: RecordedCase)
        async throws
    {
        let recorded = try Recorded.body(example.file)
        let scene = Scene(example.flavour)
        try await scene.register([example.event])
        let ours = try #require(await scene.arrivals { example.change(&$0, scene.hand()) }.first)
        #expect(names(ours) == names(recorded))
        #expect(names(ours["issue"]) == names(recorded["issue"]))
        #expect(
            names(ours["comment"], without: ["jsdPublic", "visibility"])
                == names(recorded["comment"], without: ["jsdPublic"]))
        let temporary: Set = ["tmpFromAccountId", "tmpToAccountId"]
        #expect(
            names(ours["changelog"]?["items"]?[0]) == names(recorded["changelog"]?["items"]?[0], without: temporary))
        #expect(names(ours["changelog"]) == names(recorded["changelog"]))
        if example.event.hasPrefix("comment"), example.flavour.isCloud {
            #expect(names(ours["issue"]?["fields"]) == names(recorded["issue"]?["fields"]))
        } else if let fields = recorded["issue"]?["fields"] {
            // Real sites have fields of their own; those of Jira itself must be there.
            let own = names(fields).filter { !$0.hasPrefix("customfield_") }
            let missing = own.subtracting(names(ours["issue"]?["fields"]))
            #expect(missing.isEmpty, "\(missing.sorted())")
        }
    }
}
