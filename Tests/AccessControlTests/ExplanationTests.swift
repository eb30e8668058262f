import AccessControl
import IssueModel
import Testing

@Suite("Explanations")
struct ExplanationTests {
    private static var world: World {
        var world = World()
        world.people = ["ada": .init(), "bob": .init(), "gone": .init(isActive: false)]
        world.groups = ["Staff": .init(members: ["ada", "gone"])]
        var place = World.Place(lead: "ada", browse: [.role("Developers"), .reporter])
        place.roles = ["Developers": .init(inner: ["Staff"])]
        place.levels = ["secret": [.group("Board")], "unread": nil]
        world.projects = ["A": place]
        return world
    }

    private static func explain(_ change: (inout AclInputs) -> Void, _ who: String) -> AccessExplanation {
        let rules = AudienceRules(world.facts)
        let explainer = AccessExplainer(rules: rules, membership: Membership(rules.facts))
        var inputs = AclInputs(project: "A", values: [.reporter: [.account(AccountID("bob"))]])
        change(&inputs)
        return explainer.explain(AclKey(inputs), for: .account(AccountID(who)))
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

    @Test("say when a site does not tell a level's members") func unreadableLevel() {
        let explanation = Self.explain({ $0.level = "A-unread" }, "ada")
        #expect(explanation.clauses.last?.because.first?.contains("cannot be read from this site") == true)
    }

    @Test("say that the operator sees everything") func operatorView() {
        let explainer = AccessExplainer(rules: AudienceRules(AccessFacts()), membership: Membership(AccessFacts()))
        #expect(explainer.explain(AclKey(bytes: []), for: .operator).visible)
        #expect(!explainer.explain(AclKey(bytes: []), for: .anonymous).visible)
    }
}
