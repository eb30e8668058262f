import AccessControl
import IssueModel
import SiteConnection
import Testing

@testable import AccessEngine

/// What is read is judged, as values.
@Suite struct RefreshStandingTests {
    private static func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000_000 + seconds * 1_000) }
    private static let project = EntityID("1")

    private static func facts(
        isCloud: Bool = true, style: Project.Style = .company, holders: [Holder] = [.group(GroupID("g"))]
    ) -> AccessFacts {
        AccessFacts(
            groupsAreNames: !isCloud,
            projects: [.init(id: project, key: "P", style: style, permissionScheme: EntityID("s"))],
            permissionSchemes: [
                PermissionScheme(
                    id: EntityID("s"), name: "S",
                    grants: holders.map { .init(permission: AudienceRules.browse, holder: $0) })
            ],
            securityLevels: [SecurityLevel(id: EntityID("l"), name: "L", members: [.group(GroupID("h"))])],
            applicationRoles: [ApplicationRole(key: "jira", name: "Jira", groups: [GroupID("users")])])
    }

    private static func standing(
        _ facts: AccessFacts, _ times: [AccessFact: FactTime], issues: [EntityID: AccessNeeds.OfIssues] = [:],
        trail: AuditTrail? = nil
    ) throws -> ProjectStanding {
        let project = try #require(facts.projects[project])
        return .of(
            project, facts: facts, needs: AccessNeeds(facts, issues: issues), times: times, trail: trail,
            slowPeriod: 21_600)
    }

    private static let fresh: [AccessFact: FactTime] = [
        .projects: FactTime(verified: at(100)), .schemes: FactTime(verified: at(100)),
        .levels: FactTime(verified: at(100)), .licences: FactTime(verified: at(100)),
        .accounts: FactTime(verified: at(100)), .project(project): FactTime(verified: at(100)),
        .group(GroupID("g")): FactTime(verified: at(100)), .group(GroupID("h")): FactTime(verified: at(100)),
        .group(GroupID("users")): FactTime(verified: at(100)),
    ]

    struct Dependency: CustomTestStringConvertible, Sendable {
        var fact: AccessFact
        var isCloud = true
        var holders: [Holder] = [.group(GroupID("g"))]
        var levels: Set<EntityID> = []
        var counts: Bool
        var testDescription: String { "\(fact) \(isCloud ? "Cloud" : "Data Center") \(holders) \(levels.count)" }
    }

    @Test(
        "a project holds for as long as the oldest of what decides about it",
        arguments: [
            Dependency(fact: .projects, counts: true), Dependency(fact: .schemes, counts: true),
            Dependency(fact: .accounts, counts: true), Dependency(fact: .project(project), counts: true),
            Dependency(fact: .group(GroupID("g")), counts: true),
            Dependency(fact: .group(GroupID("g")), holders: [.anyone], counts: false),
            Dependency(fact: .group(GroupID("h")), counts: false),
            Dependency(fact: .group(GroupID("h")), levels: [EntityID("l")], counts: true),
            Dependency(fact: .levels, counts: false), Dependency(fact: .levels, levels: [EntityID("l")], counts: true),
            Dependency(fact: .licences, counts: false),
            Dependency(fact: .licences, holders: [.applicationRole(key: nil)], counts: true),
            Dependency(fact: .group(GroupID("users")), holders: [.applicationRole(key: "jira")], counts: true),
            Dependency(fact: .group(GroupID("users")), holders: [.applicationRole(key: "other")], counts: false),
            Dependency(fact: .licences, isCloud: false, counts: true),
            Dependency(fact: .group(GroupID("users")), isCloud: false, counts: true),
        ])
    func dependencies(_ test: Dependency) throws {
        var times = Self.fresh
        times[test.fact] = FactTime(verified: Self.at(7))
        let found = try Self.standing(
            Self.facts(isCloud: test.isCloud, holders: test.holders), times,
            issues: [Self.project: .init(levels: test.levels)])
        #expect(found == .verified(test.counts ? Self.at(7) : Self.at(100)))
    }

    @Test("what is refused grants nobody, and so cannot grow stale") func refused() throws {
        var times = Self.fresh
        times[.group(GroupID("g"))] = FactTime(verified: Self.at(7), refusal: "403")
        #expect(try Self.standing(Self.facts(), times) == .verified(Self.at(100)))
    }

    @Test("a project whose own facts are refused or unread, or whose scheme is not known, is hidden") func hidden()
        throws
    {
        var times = Self.fresh
        times[.project(Self.project)] = FactTime(verified: Self.at(100), refusal: "no")
        #expect(try Self.standing(Self.facts(), times) == .hidden("no"))
        times[.project(Self.project)] = nil
        var facts = Self.facts()
        func isHidden(_ standing: ProjectStanding) -> Bool { if case .hidden = standing { true } else { false } }
        #expect(isHidden(try Self.standing(facts, times)))
        facts.permissionSchemes = [:]
        #expect(isHidden(try Self.standing(facts, Self.fresh)))
        times = Self.fresh
        times[.licences] = nil
        #expect(isHidden(try Self.standing(Self.facts(isCloud: false), times)))
        times = Self.fresh
        times[.issueLevels(Self.project)] = FactTime()
        #expect(isHidden(try Self.standing(Self.facts(), times)))
    }

    @Test("the audit log vouches for a project's own facts, up to its long period, and for nothing else")
    func vouching() throws {
        var times = Self.fresh
        for fact in times.keys { times[fact] = FactTime(verified: Self.at(50_000)) }
        let entry = AuditEntry(id: 1, created: Self.at(0), items: [])
        var trail = try #require(AuditTrail(beginning: Self.at(90), at: [entry]))
        _ = trail.follow([entry], at: Self.at(20_000))
        times[.project(Self.project)] = FactTime(verified: Self.at(100))
        #expect(try Self.standing(Self.facts(), times, trail: trail) == .verified(Self.at(20_000 - 300)))
        _ = trail.follow([entry], at: Self.at(50_000))
        #expect(try Self.standing(Self.facts(), times, trail: trail) == .verified(Self.at(100 + 21_600)))
        // Read before the log was followed.
        times[.project(Self.project)] = FactTime(verified: Self.at(80))
        #expect(try Self.standing(Self.facts(), times, trail: trail) == .verified(Self.at(80)))
        times[.project(Self.project)] = FactTime(verified: Self.at(100))
        #expect(
            try Self.standing(Self.facts(style: .team), times, trail: trail) == .verified(Self.at(100)))
        trail.suspects = [Self.project]
        #expect(try Self.standing(Self.facts(), times, trail: trail) == .verified(Self.at(100)))
    }
}
