import Database
import IssueModel
import Secrets
import Store
import Testing

@Suite("Credentials that end") struct CredentialExpiryTests {
    static let day: Int64 = 86_400_000

    @Test(
        "people are warned 30, 7 and 1 days before",
        arguments: [
            (31 * day, nil, nil), (30 * day, nil, nil), (30 * day - 1, 30, "in 29 days"), (7 * day, 30, "in 7 days"),
            (7 * day - 1, 7, "in 6 days"), (day + 1, 7, "in a day"), (day - 1, 1, "within a day"),
            (1, 1, "within a day"),
            (0, 0, "is over"), (-day, 0, "is over"),
        ] as [(Int64, Int64?, String?)])
    func stages(_ left: Int64, _ stage: Int64?, _ words: String?) async throws {
        let scene = try await KeyRotationTests.Scene()
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let standing = try await scene.store.write { context in
            let source = try #require(try SourceRecords.find("a", in: context.connection))
            try CredentialExpiry.set(
                Timestamp(milliseconds: now.rawValue + left), of: source.id, at: now, in: context.connection)
            return try CredentialExpiry.standing(of: source, key: nil, now: now, in: context.connection)
        }
        #expect(standing.stage == stage)
        #expect((standing.warning == nil) == (words == nil))
        #expect(words.map { standing.warning?.contains($0) ?? false } ?? true, "\(standing.warning ?? "")")
    }

    @Test("where nobody knows, nobody is warned; and what was said is forgotten with a new credential")
    func unknown() async throws {
        let scene = try await KeyRotationTests.Scene()
        let now = Timestamp(milliseconds: 1)
        try await scene.store.write { context in
            let source = try #require(try SourceRecords.find("a", in: context.connection))
            try CredentialExpiry.set(now, of: source.id, at: now, in: context.connection)
            try CredentialExpiry.set(nil, of: source.id, at: now, in: context.connection)
            let standing = try CredentialExpiry.standing(of: source, key: nil, now: now, in: context.connection)
            #expect(standing.expires == nil)
            #expect(standing.warning == nil)
        }
    }
}
