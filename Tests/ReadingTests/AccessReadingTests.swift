import AccessControl
import Database
import FastJSON
import IssueModel
import Reading
import Store
import Testing
import Workspace

@Suite("Reading who sees what")
struct AccessReadingTests {
    @Test("lists the ids of everything a reader sees") func visible() async throws {
        let site = try await TestSite()
        let access = AccessReading(store: site.store)
        let bob = try JSONValue(parsing: try #require(try await access.visible(to: "bob").first).json)
        #expect(bob["account"] == "bob")
        #expect(bob["source"] == "demo")
        #expect(bob["issues"] == ["1001", "2001"])
        #expect(bob["comments"] == ["301"])
        #expect(bob["attachments"] == ["501"])
        #expect(bob["worklogs"] == ["401"])
        #expect(try #require(bob["accessVersion"]?.integer) > 0)
        #expect(bob["verifiedAt"]?.string == TestSite.verified.rfc3339)
        let ada = try #require(try await access.visible(to: "Ada@Example.com", source: "demo").first)
        #expect(ada.records.issues == [IssueID(1001), IssueID(1002), IssueID(2001)])
        #expect(ada.records.comments == ["301", "302"])
        let anonymous = try #require(try await access.visible(to: "anonymous").first)
        #expect(anonymous.records.issues == [IssueID(2001)])
        let gone = try #require(try await access.visible(to: "gone").first)
        #expect(gone.records.issues.isEmpty)
    }

    @Test("explains with the words of Jira and agrees with the decision") func explain() async throws {
        let site = try await TestSite()
        let access = AccessReading(store: site.store)
        let json = try JSONValue(parsing: try await access.explain("PAY-2", as: "bob").json)
        #expect(json["key"] == "PAY-2")
        #expect(json["account"] == "bob")
        #expect(json["visible"] == false)
        #expect(json["clauses"]?[0]?["clause"] == "browse")
        #expect(json["clauses"]?[0]?["holds"] == true)
        #expect(
            json["clauses"]?[0]?["because"] == [
                "Permission scheme “Scheme 1” grants Browse Projects to group “Staff”; Bob is a member."
            ])
        #expect(json["clauses"]?[1]?["clause"] == "level")
        #expect(json["clauses"]?[1]?["holds"] == false)
        #expect(json["verifiedAt"]?.string == TestSite.verified.rfc3339)
        for who in [nil, "ada", "bob", "zed", "gone", "anonymous"] {
            for key in ["PAY-1", "PAY-2", "PUB-1"] {
                let report = try await access.explain(key, as: who)
                let seen = try await site.refusal(key, as: who) == nil
                #expect(report.explanation.visible == seen)
                #expect(report.explanation.clauses.allSatisfy(\.holds) == seen)
            }
        }
    }

    @Test("says when a project is hidden because its rules cannot be read") func hiddenProject() async throws {
        let site = try await TestSite()
        try await site.store.write { context in
            try ProjectRecords.setAccess(.hidden, verified: nil, of: "20000", source: 1, in: context)
        }
        let report = try await AccessReading(store: site.store).explain("PUB-1", as: "ada")
        #expect(!report.explanation.visible)
        #expect(report.explanation.clauses.first?.because.first?.contains("cannot be read") == true)
    }

    @Test(
        "refuses readers it does not know and readers that are several people",
        arguments: [
            ("nobody@example.com", ReadingError.Code.unknownReader), ("", .unknownReader),
            ("shared@example.com", .ambiguousReader),
        ])
    func readers(who: String, code: ReadingError.Code) async throws {
        #expect(try await TestSite().refusal("PUB-1", as: who)?.code == code)
    }

    @Test("knows a reader by account id, user name and e-mail", arguments: ["bob", "Bobby", " ada@EXAMPLE.com "])
    func knownReaders(who: String) async throws {
        #expect(try await TestSite().refusal("PAY-1", as: who) == nil)
    }

    @Test("takes the same text as an account in every source that has it") func everySource() async throws {
        let site = try await TestSite(sources: ["one", "two"])
        let lists = try await AccessReading(store: site.store).visible(to: "ada@example.com")
        #expect(lists.map(\.source) == ["one", "two"])
        #expect(lists.allSatisfy { $0.records.issues.count == 3 && $0.account == "ada" })
    }
}

@Suite("Exporting issues")
struct IssueExportTests {
    private static func export(_ who: String?, _ format: IssueExport.Format) async throws -> (
        String, IssueExport.Summary
    ) {
        let site = try await TestSite()
        var bytes: [UInt8] = []
        let summary = try await IssueExport(store: site.store).run(as: who, format: format) { bytes += $0 }
        return (String(decoding: bytes, as: UTF8.self), summary)
    }

    @Test("writes one document a line, of what the reader sees") func lines() async throws {
        let (text, summary) = try await Self.export("bob", .jsonl)
        let lines = try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(lines.map { $0["key"] } == ["PAY-1", "PUB-1"])
        #expect(lines.first?["comments"]?.array?.count == 1)
        #expect(summary.issues == 2)
        #expect(summary.damaged.isEmpty)
        #expect(!text.contains("secret"))
    }

    @Test("writes CSV that no spreadsheet runs") func csv() async throws {
        let (text, _) = try await Self.export(nil, .csv)
        let lines = text.split(separator: "\r\n")
        #expect(lines.count == 4)
        #expect(lines.first.map(String.init) == IssueView.csvColumns.joined(separator: ","))
        #expect(lines[1].contains(",'=Refund *fails*,"))
        #expect(lines[1].contains(",\"api, urgent\","))
        #expect(lines[1].contains(",7200,3600,5400,60,30,0|hzzzzz:,2,2,2"))
    }

    @Test("tells which issues it could not read and goes on") func damaged() async throws {
        let site = try await TestSite()
        try await site.store.write { context in
            try context.connection.execute("UPDATE issue_raw SET body = x'00' WHERE issue_id = 1")
        }
        var bytes: [UInt8] = []
        let summary = try await IssueExport(store: site.store).run(as: nil, format: .jsonl) { bytes += $0 }
        #expect(summary.issues == 2)
        #expect(summary.damaged.count == 1)
    }

    @Test("goes on as whoever the member is by then", arguments: [false, true])
    func followsLinks(_ isSuspended: Bool) async throws {
        let site = try await TestSite(sources: ["one", "two"])
        let store = site.store
        let member = try await store.write { context in
            try MemberRecords.add(
                Member(email: "ada@example.com", emailVerified: true, added: TestSite.verified), in: context)
        }
        var text = ""
        var failure: ReadingError?
        do {
            _ = try await IssueExport(store: store).run(as: "ada@example.com", format: .jsonl) { bytes in
                text += String(decoding: bytes, as: UTF8.self)
                try await store.write { context in
                    if isSuspended {
                        var suspended = member
                        suspended.state = .suspended
                        try MemberRecords.update(suspended, in: context)
                    } else {
                        try IdentityLinks.refuse(member, source: 2, at: TestSite.verified, in: context)
                    }
                }
            }
        } catch let error as ReadingError {
            failure = error
        }
        #expect(text.contains(#""source":"one""#) && !text.contains(#""source":"two""#))
        #expect(failure?.code == (isSuspended ? .suspendedReader : nil))
    }
}
