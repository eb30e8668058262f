import AccessControl
import AtlassianDocument
import IssueModel
import Testing

@Suite("Audience rules")
struct AudienceRulesTests {
    private static func world(browse: [World.Who], levels: [String: [World.Who]?] = [:]) -> World {
        var world = World()
        world.people = ["ada": .init(), "bob": .init()]
        world.groups = ["Staff": .init(members: ["bob"])]
        world.projects["A"] = World.Place(lead: "ada", browse: browse, levels: levels)
        return world
    }

    private static let ticket = World.Ticket(id: 1, project: "A", reporter: "ada", assignee: "bob")

    @Test("put only those people of an issue into its key whom some rule needs") func keyHoldsWhatRulesUse() throws {
        let plain = Self.world(browse: [.group("Staff")])
        var other = Self.ticket
        other.reporter = "bob"
        let rules = AudienceRules(plain.facts)
        #expect(try rules.audience(of: plain.issue(Self.ticket)).key == rules.audience(of: plain.issue(other)).key)

        let dynamic = Self.world(browse: [.reporter])
        let dynamicRules = AudienceRules(dynamic.facts)
        let one = try dynamicRules.audience(of: dynamic.issue(Self.ticket)).key
        let two = try dynamicRules.audience(of: dynamic.issue(other)).key
        #expect(one != two)
        #expect(AclInputs(one)?.values == [.reporter: [.account(AccountID("ada"))]])
    }

    @Test("compute the clauses of a stored key again when the scheme changes") func schemeChange() throws {
        let before = Self.world(browse: [.group("Staff"), .reporter])
        let key = try AudienceRules(before.facts).audience(of: before.issue(Self.ticket)).key
        let narrower = AudienceRules(Self.world(browse: [.reporter]).facts).derivation(for: key)
        #expect(narrower.clauses == AclClauses(browse: [.account(AccountID("ada"))]))
        #expect(!narrower.needsRewriting)
    }

    @Test("grant nobody through a holder that came into use after the issue was written, and say so")
    func holderCameIntoUse() throws {
        let before = Self.world(browse: [.group("Staff")])
        let key = try AudienceRules(before.facts).audience(of: before.issue(Self.ticket)).key
        let after = AudienceRules(Self.world(browse: [.assignee]).facts).derivation(for: key)
        #expect(after.clauses == AclClauses(browse: []))
        #expect(after.missing == [.assignee])
        #expect(after.needsRewriting)
    }

    @Test("ask for the issue in a key once Jira's listing decides, and do without it again when rules do")
    func modeChange() throws {
        let world = Self.world(browse: [.group("Staff")], levels: ["told": [.lead], "untold": nil])
        func facts(_ mode: AccessMode) -> AccessFacts {
            var facts = world.facts
            facts.mode = mode
            return facts
        }
        func key(_ mode: AccessMode, _ level: String?) throws -> AclKey {
            var ticket = Self.ticket
            ticket.level = level
            return try AudienceRules(facts(mode)).audience(of: world.issue(ticket)).key
        }
        let listed = AclClauses(browse: [.listed(IssueID(1))])
        for mode in [AccessMode.mirror, .public, .shared] {
            let derivation = try AudienceRules(facts(.linked)).derivation(for: key(mode, nil))
            #expect(derivation.clauses.browse == [] && derivation.needsRewriting)
        }
        #expect(try AudienceRules(facts(.linked)).clauses(for: key(.linked, "told")) == listed)
        let mirror = AudienceRules(facts(.mirror))
        for level in [nil, "told", "untold"] {
            let (own, linked) = try (key(.mirror, level), key(.linked, level))
            #expect(mirror.derivation(for: own) == mirror.derivation(for: linked))
            #expect(!mirror.derivation(for: own).needsRewriting)
        }
        #expect(try mirror.clauses(for: key(.mirror, "untold")).level == [.listed(IssueID(1))])
        #expect(try mirror.derivation(for: key(.public, "untold")).lacksIssue)
    }

    @Test("of public and shared sources ask nothing of levels and restrictions") func open() {
        let inputs = AclInputs(project: "A", level: "A-high", restrictedToRoles: ["1"], restrictions: [.internal])
        let facts = [AccessMode.public, .shared].map { AccessFacts(mode: $0) }
        #expect(
            facts.map { AudienceRules($0).derivation(for: inputs).clauses.audience.clauses } == [
                [[.anyone]], [[.member]],
            ])
    }

    @Test("count holders they do not know and name the fields they need") func unknownHolders() {
        let world = Self.world(
            browse: [.strange, .portal, .personField], levels: ["high": .some([.strange, .groupField])])
        let rules = AudienceRules(world.facts)
        #expect(rules.unknownHolders == ["moonPhase": 2])
        #expect(rules.fieldsInUse == [World.personField, World.groupField])
    }

    @Test("take the options of a select list as names of groups") func selectListAsGroups() throws {
        let world = Self.world(browse: [.groupField])
        var issue = try world.issue(Self.ticket)
        issue.otherFields = [
            .init(id: World.groupField, name: "Team", value: .entity(Entity(id: "7", name: "STAFF")))
        ]
        let rules = AudienceRules(world.facts)
        let clauses = rules.clauses(for: rules.audience(of: issue).key)
        #expect(clauses.browse == [.group(world.groupID("Staff"))])
    }

    @Test("follow a group that is renamed away from an option's name, without the issue being written again")
    func renamedGroup() throws {
        let world = Self.world(browse: [.groupField])
        var issue = try world.issue(Self.ticket)
        issue.otherFields = [
            .init(id: World.groupField, name: "Team", value: .entities([Entity(id: "7", name: "Staff")]))
        ]
        let key = AudienceRules(world.facts).audience(of: issue).key
        var renamed = world.facts
        renamed.groups[world.groupID("Staff")]?.name = "Former staff"
        renamed.groups[GroupID("another")] = Group(id: GroupID("another"), name: "staff")
        let derivation = AudienceRules(renamed).derivation(for: key)
        #expect(derivation.clauses.browse == [.group(GroupID("another"))] && !derivation.needsRewriting)
        renamed.groups[GroupID("another")] = nil
        #expect(AudienceRules(renamed).clauses(for: key).browse == [])
    }

    @Test("read a role's identifier as its id or, as Cloud documents, its name") func roleIdentifier() throws {
        var world = Self.world(browse: [.anyone])
        world.projects["A"]?.roles = ["Developers": .init(), "Agents": .init()]
        let rules = AudienceRules(world.facts)
        func clause(_ identifier: String?, _ name: String) -> Set<Principal>? {
            let restriction = Restriction.visibility(kind: .role, identifier: identifier, name: name)
            return rules.derivation(for: AclInputs(project: "A", restrictions: [restriction])).clauses.visibility
        }
        let developers: Set<Principal> = [.role(project: "A", role: "role-Developers")]
        #expect(clause("role-Developers", "Agents") == developers)
        #expect(clause("developers", "Agents") == developers)
        #expect(clause(nil, "DEVELOPERS") == developers)
        #expect(clause("10002", "Developers") == [])
        #expect(clause(nil, "Dev") == [])
    }

    @Test("ask for every one of several restrictions") func severalRestrictions() {
        var world = Self.world(browse: [.anyone], levels: ["high": .some([.group("Staff")])])
        world.projects["A"]?.roles = ["Developers": .init(), "Agents": .init()]
        world.projects["A"]?.agents = [.role("Agents")]
        let both: Set<Restriction> = [.internal, .visibility(kind: .role, identifier: nil, name: "Developers")]
        let inputs = AclInputs(project: "A", level: "A-high", restrictedToRoles: ["role-Agents"], restrictions: both)
        let clauses = AudienceRules(world.facts).derivation(for: inputs).clauses
        let staff = Principal.group(world.groupID("Staff"))
        let developers = Principal.role(project: "A", role: "role-Developers")
        let agents = Principal.role(project: "A", role: "role-Agents")
        #expect(clauses.admits([.anyone, staff, developers, agents]))
        for missing in [staff, developers, agents] {
            #expect(!clauses.admits(Set([.anyone, staff, developers, agents]).subtracting([missing])))
        }
        #expect(clauses.audience.admits([.anyone, staff, developers, agents]))
        #expect(clauses.principals == [.anyone, staff, developers, agents])
    }
}

@Suite("Attachments of restricted comments")
struct EmbeddedFilesTests {
    private static func comment(_ body: Document, restricted: Bool, updated: Int64 = 0) -> Comment {
        Comment(
            id: "1", author: nil, created: .init(milliseconds: updated), updated: .init(milliseconds: updated),
            body: body, visibility: restricted ? Visibility(kind: .group, name: "Staff") : nil)
    }

    private static func narrowed(_ comments: [Comment], isDataCenter: Bool = false) throws -> [String] {
        var world = World(isDataCenter: isDataCenter)
        world.projects["A"] = World.Place(browse: [.anyone])
        world.groups = ["Staff": .init()]
        var issue = try world.issue(World.Ticket(id: 1, project: "A"))
        issue.comments = comments
        issue.attachments = [
            World.attachment("a.txt"), World.attachment("b.txt"), World.attachment("b.txt"),
            World.attachment("late.txt", created: 3_600_000),
        ]
        let audience = AudienceRules(world.facts).audience(of: issue)
        return issue.attachments.filter { audience.key(of: $0) != audience.key }.map(\.filename)
    }

    @Test("are narrowed by name, every one of that name") func byName() throws {
        let body = try World.body(embedding: ["b.txt"])
        #expect(try Self.narrowed([Self.comment(body, restricted: true)]) == ["b.txt", "b.txt"])
        #expect(try Self.narrowed([Self.comment(body, restricted: false)]) == [])
    }

    @Test("stay as open as the issue on Data Center, as there") func dataCenter() throws {
        let body = try World.body(embedding: ["b.txt"])
        #expect(try Self.narrowed([Self.comment(body, restricted: true)], isDataCenter: true) == [])
    }

    @Test("are narrowed, when the comment does not name its file, unless open text names them or they came later")
    func unnamed() throws {
        let text =
            #"{"type":"doc","version":1,"content":[{"type":"mediaSingle","content":[{"type":"media","attrs":{"id":"x","type":"file"}}]}]}"#
        let unnamed = try Self.comment(Document(adfText: Array(text.utf8)), restricted: true)
        let open = try Self.comment(World.body(embedding: ["a.txt"]), restricted: false)
        #expect(try Self.narrowed([unnamed]) == ["a.txt", "b.txt", "b.txt"])
        #expect(try Self.narrowed([unnamed, open]) == ["b.txt", "b.txt"])
    }
}
