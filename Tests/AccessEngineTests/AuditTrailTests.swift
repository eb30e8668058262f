import IssueModel
import SiteConnection
import Testing

@testable import AccessEngine

/// Following Jira's audit log, as values.
@Suite struct AuditTrailTests {
    private static func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000_000 + seconds * 1_000) }

    private static func entry(_ id: Int64, _ created: Int64, _ items: (String, String?, String?)...) -> AuditEntry {
        AuditEntry(id: id, created: at(created), items: items.map { .init(type: $0.0, id: $0.1, name: $0.2) })
    }

    private static let first = entry(1, 0, ("WORKFLOW", "1", "W"))

    private static func trail() throws -> AuditTrail {
        try #require(AuditTrail(beginning: at(0), at: [first]))
    }

    private static func follow(
        _ trail: inout AuditTrail, _ entries: [AuditEntry], at seconds: Int64, siteTime: Timestamp? = nil
    ) {
        let follows = trail.follow(entries, at: at(seconds), siteTime: siteTime)
        #expect(follows)
    }

    @Test("the audit log names what to read again") func named() throws {
        var trail = try Self.trail()
        let entries = [
            Self.entry(4, 40, ("GROUP", nil, "Developers"), ("USER", "u", "Ada")),
            Self.entry(3, 30, ("SCHEME", "1", "Default"), ("PROJECT", "10", "Pay")),
            Self.entry(2, 20, ("SCHEME", "1", "Default")), Self.first,
        ]
        Self.follow(&trail, entries, at: 60)
        #expect(trail.groups == ["developers"] && trail.suspects == [EntityID("10")])
        #expect(!trail.suspectsAll && !trail.suspectsAccounts)
        #expect(!trail.covers(EntityID("10"), readAt: Self.at(30)) && trail.covers(EntityID("11"), readAt: Self.at(30)))
        Self.follow(&trail, [Self.entry(5, 61, ("USER", "u", "Ada"))] + entries, at: 62)
        #expect(trail.suspectsAccounts)
    }

    @Test(
        "a rule changed in no project that is named may concern every project",
        arguments: ["PROJECT_ROLE", "PERMISSION"])
    func all(type: String) throws {
        var trail = try Self.trail()
        Self.follow(&trail, [Self.first, Self.entry(2, 50, (type, "1", "x"))], at: 60)
        #expect(trail.suspectsAll && !trail.covers(EntityID("11"), readAt: Self.at(30)))
    }

    @Test("what was taken in is not taken again; what appears late, among older records, is") func late() throws {
        var trail = try Self.trail()
        let change = Self.entry(2, 600, ("PROJECT", "10", "Pay"))
        Self.follow(&trail, [change, Self.first], at: 601)
        trail.suspects = []
        #expect(trail.readFrom == Self.at(300))
        Self.follow(&trail, [change], at: 900)
        #expect(trail.suspects.isEmpty)
        Self.follow(&trail, [change, Self.entry(3, 310, ("PROJECT", "11", "Ops"))], at: 1_200)
        #expect(trail.suspects == [EntityID("11")])
        // Told of up to five minutes late, and so vouched for up to five minutes ago.
        #expect(trail.vouchesUntil == Self.at(900))
    }

    @Test(
        "where to read on is told by the site's clock, since when it is followed by ours", arguments: [-18_000, 18_000])
    func clocks(ahead: Int64) throws {
        var trail = try #require(AuditTrail(beginning: Self.at(1_000 + ahead), at: [Self.first]))
        #expect(trail.readFrom == Self.at(-300) && trail.since == Self.at(1_000 + ahead))
        let change = Self.entry(2, 1_100, ("PROJECT", "10", "Pay"))
        Self.follow(&trail, [change, Self.first], at: 1_300 + ahead)
        #expect(trail.readFrom == Self.at(800) && trail.suspects == [EntityID("10")])
        #expect(trail.covers(EntityID("11"), readAt: Self.at(1_000 + ahead)))
        #expect(!trail.covers(EntityID("11"), readAt: Self.at(999 + ahead)))
    }

    @Test("one record of a clock that runs ahead keeps no other from being read") func future() throws {
        let odd = Self.entry(2, 90_000, ("WORKFLOW", "1", "W"))
        var trail = try #require(AuditTrail(beginning: Self.at(0), at: [odd, Self.first], siteTime: Self.at(10)))
        #expect(trail.readFrom == Self.at(-290))
        Self.follow(&trail, [odd, Self.first, Self.entry(3, 400)], at: 500, siteTime: Self.at(500))
        #expect(trail.newest == 2 && trail.readFrom == Self.at(200) && trail.seen == [2, 3])
    }

    @Test("a log that lost its newest record, a long pause and a clock set back break the trail") func broken() throws {
        let trail = try Self.trail()
        func follows(_ entries: [AuditEntry], _ seconds: Int64) -> Bool {
            var copy = trail
            let result = copy.follow(entries, at: Self.at(seconds))
            #expect(result || copy == trail)
            return result
        }
        #expect(follows([Self.first], 300))
        #expect(!follows([], 300) && !follows([Self.entry(2, 200)], 300))
        #expect(!follows([Self.first], 86_401) && !follows([Self.first], -1))
    }

    @Test("a trail that begins anew vouches for nothing read before, and still suspects what the old one named")
    func anew() throws {
        var old = try Self.trail()
        Self.follow(&old, [Self.first, Self.entry(2, 10, ("GROUP", "g", "Dev"))], at: 60)
        let last = Self.entry(9, 5_000, ("PROJECT", "10", "Pay"))
        var trail = try #require(AuditTrail(beginning: Self.at(6_000), at: [last]))
        trail.inherit(old)
        #expect(trail.groups == ["g", "dev"] && trail.suspects == [EntityID("10")])
        #expect(!trail.covers(EntityID("11"), readAt: Self.at(5_999)))
        #expect(AuditTrail(beginning: Self.at(0), at: []) == nil, "an empty log vouches for nothing")
    }

    @Test("a trail comes back as it was stored, and damage begins it anew") func stored() throws {
        var trail = try Self.trail()
        let entries = [
            Self.first, Self.entry(2, 9, ("GROUP", "g1", "Dev")), Self.entry(3, 9, ("PROJECT", "10", "Pay")),
        ]
        Self.follow(&trail, entries, at: 60)
        #expect(AuditTrail(json: trail.json) == trail)
        #expect(AuditTrail(json: "refused") == nil && AuditTrail(json: nil) == nil && AuditTrail(json: "") == nil)
    }
}
