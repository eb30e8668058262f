import IssueModel
import Testing

@testable import IssueDecoding

@Suite("Sprints as Server writes them") struct SprintTextTests {
    private func sprint(_ body: String) -> Sprint? {
        Sprint(greenhopperText: "com.atlassian.greenhopper.service.sprint.Sprint@a88a698[\(body)]")
    }

    @Test("are read whatever the order of their parts") func order() {
        let sprint = sprint(
            "endDate=2026-01-16T10:00:00.000+01:00,id=12,state=ACTIVE,goal=<null>,rapidViewId=3,sequence=12,"
                + "startDate=2026-01-02T10:00:00.000+01:00,completeDate=<null>,name=Sample Sprint 2")
        #expect(
            sprint
                == Sprint(
                    id: "12", name: "Sample Sprint 2", state: "active", boardID: "3",
                    start: Timestamp("2026-01-02T09:00:00Z"), end: Timestamp("2026-01-16T09:00:00Z")))
    }

    @Test(
        "keep commas, brackets and equals signs in their names",
        arguments: ["a, b", "Sprint [3]", "x=y, z", "goals: a,b=c", "", "ends with ,", "name=twice"])
    func names(_ name: String) {
        #expect(sprint("id=1,rapidViewId=1,state=CLOSED,name=\(name),startDate=<null>,goal=g")?.name == name)
    }

    @Test("cannot be imitated by a goal") func imitation() {
        let sprint = sprint("id=1,state=CLOSED,name=n,sequence=1,goal=ship it,id=2,name=other")
        #expect(sprint?.id == "1" && sprint?.name == "n" && sprint?.goal == "ship it")
    }

    @Test("are nothing without an id", arguments: ["", "name=x", "id=", "state=ACTIVE,goal=x"])
    func nothing(_ body: String) {
        #expect(sprint(body) == nil)
        #expect(Sprint(greenhopperText: body) == nil)
    }
}
