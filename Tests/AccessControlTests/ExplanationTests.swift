import AccessControl
import IssueModel
import Testing

@Suite("Explanations")
struct ExplanationTests {
    private static var world: World {
        var world = World()
        world.people = [
            "ada": .init(), "bob": .init(), "gone": .init(isActive: false), "newcomer": .init(isStrange: true),
            "customer": .init(isCustomer: true),
        ]
        world.groups = ["Staff": .init(members: ["ada", "gone"])]
        var place = World.Place(lead: "ada", browse: [.role("Developers"), .reporter])
        place.roles = ["Developers": .init(inner: ["Staff"])]
        place.levels = ["secret": [.group("Board")], "unread": nil]
        world.projects = ["A": place]
        return world
    }

    private static func explain(
        _ change: (inout AclInputs) -> Void, _ who: String, _ mode: AccessMode = .mirror,
        listed: Set<Principal>? = nil
    ) -> AccessExplanation {
        var facts = world.facts
        facts.mode = mode
        let rules = AudienceRules(facts)
        let explainer = AccessExplainer(rules: rules, membership: Membership(rules.facts))
        var inputs = AclInputs(project: "A", values: [.reporter: [.account(AccountID("bob"))]])
        change(&inputs)
        return explainer.explain(AclKey(inputs), for: .account(AccountID(who)), listed: listed)
    }

    @Test("name the grant that decides and the way a person comes to it") func whoHolds() {
        let explanation = Self.explain({ _ in }, "ada")
        #expect(explanation.visible)
        #expect(
            explanation.clauses.first?.because == [
                "Permission scheme “Scheme of A” grants Browse Projects to project role “Developers”; ADA plays it "
                    + "through group “Staff”."
            ])
        #expect(explanation.clauses.last?.because == ["The issue has no security level."])
    }

    @Test("say what would have to change") func whatWouldHaveToChange() {
        let explanation = Self.explain({ $0.level = "A-secret" }, "ada")
        #expect(!explanation.visible)
        #expect(explanation.clauses.map(\.holds) == [true, false])
        #expect(
            explanation.clauses.last?.because == [
                "Security level “secret” admits group “id-of-Board”; ADA is not.",
                "It would hold if ADA were a member of group “id-of-Board”.",
            ])
    }

    @Test("say that an inactive account is the reason, not the rules") func inactive() {
        let explanation = Self.explain({ _ in }, "gone")
        #expect(!explanation.visible)
        #expect(
            explanation.clauses.first?.because.first
                == "GONE’s account is inactive; Jira does not let it sign in, so it sees nothing.")
    }

    @Test("say when a site does not tell a level's members, and what Jira lists instead") func unreadableLevel() {
        let unread: (inout AclInputs) -> Void = {
            $0.level = "A-unread"
            $0.issue = IssueID(7)
        }
        let asked = Self.explain(unread, "ada")
        #expect(asked.clauses.last?.because.first?.contains("cannot be read from this site") == true)
        #expect(asked.clauses.last?.because.last?.contains("linked a Jira account") == true)
        let listed = Self.explain(unread, "ada", listed: [.listed(IssueID(7))])
        #expect(listed.visible)
        #expect(
            listed.clauses.last?.because == [
                "The members of security level “unread” cannot be read from this site, and Jira lists the issue to ADA."
            ])
        let older = Self.explain({ $0.level = "A-unread" }, "ada", listed: [.listed(IssueID(7))])
        #expect(older.clauses.last?.because.first?.contains("holds once it is") == true)
    }

    @Test("go through a part's own restrictions") func parts() {
        let restricted: (inout AclInputs) -> Void = {
            $0.restrictions = [.internal, .visibility(kind: .role, identifier: nil, name: "developers")]
        }
        let explanation = Self.explain(restricted, "bob")
        #expect(explanation.clauses.map(\.kind) == [.browse, .level, .visibility])
        #expect(explanation.clauses.map(\.holds) == [true, true, false])
        #expect(
            explanation.clauses.last?.because == [
                "It is an internal note, for agents; the permission scheme grants Service Desk Agent to nobody.",
                "It would hold if a grant or member named BOB as well.",
                "It is visible to project role “Developers”; BOB is not.",
                "It would hold if BOB played project role “Developers” in A.",
            ])
    }

    @Test("say which account is the reason, not the rules", arguments: ["newcomer", "stranger", "customer"])
    func account(who: String) {
        let explanation = Self.explain({ _ in }, who)
        #expect(!explanation.visible)
        let reasons = [
            "newcomer": "NEWCOMER’s account is of a kind this version does not know, so it sees what anybody sees.",
            "stranger": "Account stranger is not known in this source, so its rules grant it nothing.",
            "customer": "CUSTOMER is a service-desk customer, who sees requests in the portal but not in Jira.",
        ]
        #expect(explanation.clauses.first?.because.first == reasons[who])
    }

    @Test("of a linked source say what Jira lists") func linked() {
        let listed: Set<Principal> = [.listed(IssueID(7)), .shown(.internal, of: "A")]
        let inputs: (inout AclInputs) -> Void = {
            $0.issue = IssueID(7)
            $0.restrictions = [.internal]
        }
        let shown = Self.explain(inputs, "ada", .linked, listed: listed)
        #expect(shown.visible)
        #expect(
            shown.clauses.last?.because == ["It is an internal note, for agents; Jira shows ADA such parts of A."])
        let unlisted = Self.explain(inputs, "ada", .linked, listed: [])
        #expect(unlisted.clauses.map(\.holds) == [false, true, false])
        #expect(unlisted.clauses.first?.because.first?.hasSuffix("and Jira does not list the issue to ADA.") == true)
        let unlinked = Self.explain(inputs, "ada", .linked)
        #expect(unlinked.clauses.first?.because.last?.contains("linked a Jira account") == true)
    }

    @Test("of public and shared sources say so") func open() {
        #expect(Self.explain({ $0.level = "A-secret" }, "ada", .public).visible)
        #expect(
            Self.explain({ _ in }, "ada", .shared).clauses.map(\.because) == [
                ["An admin shares this source: every member sees what its credential sees."]
            ])
        let rules = AudienceRules(AccessFacts(mode: .shared))
        let explainer = AccessExplainer(rules: rules, membership: Membership(rules.facts))
        let anonymous = explainer.explain(AclKey(AclInputs(project: "A")), for: .anonymous)
        #expect(!anonymous.visible)
        #expect(anonymous.clauses.first?.because.first?.hasSuffix("and an anonymous visitor is no member.") == true)
    }

    @Test("tell a member without an account what would help") func unlinked() {
        let rules = AudienceRules(Self.world.facts)
        let explainer = AccessExplainer(rules: rules, membership: Membership(rules.facts))
        let explanation = explainer.explain(AclKey(AclInputs(project: "A")), for: .unlinked)
        #expect(!explanation.visible)
        #expect(
            explanation.clauses.first?.because.first
                == "A member without an account in this source sees nothing of it.")
    }

    @Test("say that the operator sees everything") func operatorView() {
        let explainer = AccessExplainer(rules: AudienceRules(AccessFacts()), membership: Membership(AccessFacts()))
        #expect(explainer.explain(AclKey(bytes: []), for: .operator).visible)
        #expect(!explainer.explain(AclKey(bytes: []), for: .anonymous).visible)
    }
}
