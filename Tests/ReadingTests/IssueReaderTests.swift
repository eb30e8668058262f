import FastJSON
import IssueModel
import Reading
import Store
import Testing

@Suite("Reading one issue")
struct IssueReaderTests {
    @Test("gives the operator everything, as the issue document says") func operatorDocument() async throws {
        let json = try JSONValue(parsing: try await TestSite().issue("pay-1", as: nil).json)
        #expect(json["id"] == "1001")
        #expect(json["key"] == "PAY-1")
        #expect(json["formerKeys"] == ["OLD-1001"])
        #expect(json["source"] == "demo")
        #expect(json["url"] == "https://demo.example.com/browse/PAY-1")
        #expect(json["summary"] == "=Refund *fails*")
        #expect(json["descriptionMarkdown"]?.string?.contains("It fails.") == true)
        #expect(json["status"] == ["id": "3", "name": "In Progress", "category": "indeterminate"])
        #expect(json["type"] == "Bug")
        #expect(json["priority"] == "High")
        #expect(json["resolution"] == "Done")
        #expect(json["project"] == ["id": "10000", "key": "PAY", "name": "PAY project"])
        #expect(json["assignee"] == "Ada")
        #expect(json["reporter"] == "Bob")
        #expect(json["labels"] == ["api", "urgent"])
        #expect(json["components"] == ["Core"])
        #expect(json["fixVersions"] == ["1.0"])
        #expect(json["parent"] == "PAY-2")
        #expect(json["sprints"] == ["Sprint 4"])
        #expect(json["links"]?.array?.compactMap { $0["key"]?.string } == ["PAY-2", "PUB-1", "ELSE-1"])
        #expect(json["links"]?[0] == ["type": "Blocks", "direction": "outward", "key": "PAY-2"])
        #expect(json["securityLevel"] == nil)
        #expect(json["created"] == "2026-09-22T18:48:35.652Z")
        #expect(json["updated"] == "2026-09-24T10:00:00.000Z")
        #expect(json["due"] == "2026-10-01")
    }

    @Test("shows the fields that have no place of their own, each under its own name") func fields() async throws {
        let json = try JSONValue(parsing: try await TestSite().issue("PAY-1", as: nil).json)
        let fields = try #require(json["fields"])
        #expect(
            fields["Time tracking"]
                == ["originalEstimateSeconds": 7200, "remainingEstimateSeconds": 3600, "timeSpentSeconds": 5400])
        #expect(fields["Progress"] == ["done": 5400, "total": 9000, "percent": 60])
        #expect(fields["Σ Progress"] == ["done": 5400, "total": 18000, "percent": 30])
        #expect(fields["Status Category"] == "In Progress")
        #expect(fields["Rank"] == "0|hzzzzz:")
        #expect(fields["Story Points"] == 8.5)
        #expect(fields["Area"] == "first")
        #expect(fields["Area (customfield_4)"] == "second")
        #expect(fields["Affects versions"] == ["0.9"])
        #expect(fields["Watchers"] == 3)
        #expect(fields["Sub-tasks"] == ["PAY-2", "PUB-1"])
    }

    @Test("leaves sums over sub-tasks out where one of these is hidden") func sums() async throws {
        let site = try await TestSite()
        let (ada, bob) = (try await site.issue("PAY-1", as: "ada"), try await site.issue("PAY-1", as: "bob"))
        #expect(ada.issue.subtasks.count == 2 && bob.issue.subtasks.count == 1)
        let sums = try [ada, bob].map { try JSONValue(parsing: $0.json)["fields"]?["Σ Progress"] }
        #expect(sums[0] != nil && sums[1] == nil)
        let own = try JSONValue(parsing: bob.json)["fields"]?["Progress"]
        #expect(own == ["done": 5400, "total": 9000, "percent": 60])
        #expect(try JSONValue(parsing: ada.json)["fields"]?["Σ Time Spent"] == 9000)
        #expect(try JSONValue(parsing: bob.json)["fields"]?["Σ Time Spent"] == nil)
    }

    @Test("gives the parts their own documents") func parts() async throws {
        let json = try JSONValue(parsing: try await TestSite().issue("PAY-1", as: nil).json)
        let comment = try #require(json["comments"]?[1])
        #expect(comment["visibility"] == ["type": "role", "value": "Developers"])
        #expect(comment["author"] == "Ada")
        #expect(json["comments"]?[0]?["visibility"] == nil)
        #expect(json["comments"]?[0]?["markdown"]?.string?.contains("Open words") == true)
        #expect(json["attachments"]?[0]?["filename"] == "open.txt")
        #expect(json["attachments"]?[0]?["size"] == 12)
        #expect(json["worklogs"]?[0]?["seconds"] == 1800)
        let change = try #require(json["changes"]?[0])
        #expect(change["field"] == "Key")
        #expect(change["from"] == "OLD-1001")
        #expect(change["to"] == "PAY-1")
        #expect(change["author"] == "Ada")
    }

    @Test("leaves out what a reader may not see: parts, links, parent, sub-tasks") func filtered() async throws {
        let site = try await TestSite()
        let bob = try await site.issue("PAY-1", as: "bob").issue
        #expect(bob.comments.map(\.id) == ["301"])
        #expect(bob.worklogs.map(\.id) == ["401"])
        #expect(bob.attachments.map(\.id) == ["501"])
        #expect(bob.links.map(\.other.key.description) == ["PUB-1"])
        #expect(bob.subtasks.map(\.key.description) == ["PUB-1"])
        #expect(bob.parent == nil)
        let ada = try await site.issue("PAY-1", as: "ada").issue
        #expect(ada.comments.map(\.id) == ["301", "302"])
        #expect(ada.worklogs.map(\.id) == ["401", "402"])
        #expect(ada.attachments.map(\.id) == ["501", "502"])
        #expect(ada.links.map(\.other.key.description) == ["PAY-2", "PUB-1"])
        #expect(ada.parent?.key.description == "PAY-2")
    }

    @Test("finds an issue by id, by key in any case and by a former key", arguments: ["1001", "pay-1", "OLD-1001"])
    func references(reference: String) async throws {
        #expect(try await TestSite().issue(reference, as: "ada").issue.id == IssueID(1001))
    }

    @Test("answers what is hidden exactly as what does not exist") func hiddenIsMissing() async throws {
        let site = try await TestSite()
        for (hidden, who) in [
            ("PAY-2", "bob"), ("1002", "bob"), ("OLD-1002", "bob"), ("PAY-1", "zed"), ("PAY-1", "anonymous"),
            ("PUB-1", "gone"),
        ] {
            let missing = hidden.replacing("PAY", with: "NOT").replacing("PUB", with: "NOT").replacing(
                "OLD", with: "NOT"
            )
            .replacing("1002", with: "9999")
            let one = try #require(try await site.refusal(hidden, as: who))
            let other = try #require(try await site.refusal(missing, as: who))
            #expect(one.code == .notFound)
            #expect(one.code == other.code)
            #expect(one.message.replacing(hidden, with: "X") == other.message.replacing(missing, with: "X"))
        }
        #expect(try await site.issue("PUB-1", as: "anonymous").issue.summary == "For everybody")
        #expect(try await site.refusal("no key at all", as: nil)?.code == .notFound)
    }

    @Test("hides an issue that Jira no longer shows from everybody but the operator") func unseen() async throws {
        let site = try await TestSite()
        try await site.store.write { context in
            _ = try IssueRecords.setState(.unseen, of: IssueID(2001), source: 1, in: context)
        }
        #expect(try await site.refusal("PUB-1", as: "anonymous")?.code == .notFound)
        #expect(try await site.refusal("PUB-1", as: nil) == nil)
        #expect(try await site.issue("PAY-1", as: "ada").issue.links.map(\.other.key.description) == ["PAY-2"])
    }

    @Test("asks which source is meant only when the reader may see the issue in several") func severalSources()
        async throws
    {
        let site = try await TestSite(sources: ["one", "two"])
        #expect(try await site.refusal("PUB-1", as: "anonymous")?.code == .ambiguousIssue)
        let issue = try await IssueReader(store: site.store).issue("PUB-1", as: "anonymous", source: "TWO")
        #expect(issue.source == "two")
        await #expect(throws: ReadingError.self) {
            try await IssueReader(store: site.store).issue("PUB-1", as: nil, source: "three")
        }
    }

    @Test("writes a page for people without anything in it taken for markup") func markdown() async throws {
        let page = try await TestSite().issue("PAY-1", as: "bob").markdown
        #expect(page.hasPrefix("# PAY-1 =Refund \\*fails\\*\n"))
        #expect(page.contains("- **Status:** In Progress (In Progress)"))
        #expect(page.contains("spent 1h 30m"))
        #expect(page.contains("Open words"))
        #expect(page.contains("open.txt"))
        #expect(!page.contains("secret.txt"))
        #expect(!page.contains("PAY-2"))
    }
}
