import FastJSON
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Testing

@Suite struct PayloadTests {
    private func names(_ value: JSONValue?) -> Set<String> {
        guard case .object(let members)? = value else { return [] }
        return Set(members.map(\.key))
    }

    @Test func `an update on Cloud is the issue of version 2, who did it and what changed`() async throws {
        let scene = Scene()
        try await scene.register()
        let bodies = await scene.arrivals {
            $0.setDescription(0, to: RichText(paragraph: "Plain words"), by: scene.hand(1))
        }
        let body = try #require(bodies.first)
        #expect(
            names(body)
                == ["timestamp", "webhookEvent", "issue_event_type_name", "user", "issue", "changelog"])
        #expect(names(body["issue"]) == ["id", "self", "key", "fields"])
        #expect(body["issue"]?["fields"]?["description"]?.string == "Plain words")
        #expect(body["issue"]?["fields"]?["comment"] == nil)
        #expect(body["user"]?["accountId"]?.string == scene.site.current().users[1].accountID)
        #expect(body["user"]?["emailAddress"] == nil)
        #expect(body["changelog"]?["items"]?.array?.first?["field"]?.string == "description")
    }

    @Test func `a comment on Cloud comes with a little of its issue and nobody's name`() async throws {
        let scene = Scene()
        try await scene.register()
        let bodies = await scene.arrivals { $0.addComment(0, RichText(paragraph: "Hello"), by: scene.hand()) }
        #expect(bodies.count == 1)
        #expect(names(bodies[0]) == ["timestamp", "webhookEvent", "comment", "issue"])
        #expect(
            names(bodies[0]["issue"]?["fields"])
                == ["summary", "issuetype", "project", "assignee", "priority", "status"])
    }

    @Test func `a comment on Data Center comes without its issue, which is told of by itself`() async throws {
        let scene = Scene(.dataCenter)
        try await scene.register()
        let bodies = await scene.arrivals { $0.addComment(0, RichText(paragraph: "Hello"), by: scene.hand()) }
        #expect(bodies.map { $0["webhookEvent"]?.string } == ["comment_created", "jira:issue_updated"])
        #expect(names(bodies[0]) == ["timestamp", "webhookEvent", "comment"])
        let id = scene.site.current().row(0).id
        #expect(bodies[0]["comment"]?["self"]?.string?.contains("/issue/\(id)/comment/") == true)
        #expect(bodies[1]["issue_event_type_name"]?.string == "issue_commented")
        #expect(names(bodies[1]).contains("comment") && bodies[1]["issue"]?["fields"]?["comment"] != nil)
    }

    @Test func `old Server does not say what kind of update it is`() async throws {
        let scene = Scene(.server)
        try await scene.register()
        let bodies = await scene.arrivals { $0.setSummary(0, to: "x", by: scene.hand()) }
        #expect(bodies.count == 1 && !names(bodies[0]).contains("issue_event_type_name"))
    }

    @Test func `a worklog names its issue by id only`() async throws {
        let scene = Scene()
        try await scene.register(["worklog_created", "worklog_deleted"])
        let bodies = await scene.arrivals { $0.addWorklog(0, seconds: 60, by: scene.hand()) }
        #expect(names(bodies[0]) == ["timestamp", "webhookEvent", "worklog", "isFromIssueLimitTransformation"])
        #expect(bodies[0]["worklog"]?["issueId"]?.string == String(scene.site.current().row(0).id))
    }

    @Test func `a move keeps the id and says both keys`() async throws {
        let scene = Scene()
        try await scene.register(["jira:issue_updated"])
        let before = scene.site.current().key(of: 20)
        let project = (Int(scene.site.current().row(20).project) + 1) % 3
        let bodies = await scene.arrivals { $0.moveIssue(20, to: project, by: scene.hand()) }
        let items = bodies.first?["changelog"]?["items"]?.array ?? []
        #expect(bodies.first?["issue_event_type_name"]?.string == "issue_moved")
        #expect(items.map { $0["field"]?.string } == ["project", "Key"])
        #expect(items.last?["fromString"]?.string == before)
        #expect(items.last?["toString"]?.string == scene.site.current().key(of: 20))
    }

    @Test func `a deleted issue is told as it was`() async throws {
        let scene = Scene()
        try await scene.register(["jira:issue_deleted"])
        let summary = scene.site.current().summary(of: 0)
        let bodies = await scene.arrivals { $0.deleteIssue(0, by: scene.hand()) }
        #expect(bodies.contains { $0["issue"]?["fields"]?["summary"]?.string == summary })
    }

    @Test func `every event has the thing it is about`() async throws {
        let scene = Scene()
        try await scene.register()
        let (hand, version) = (scene.hand(), 0)
        let bodies = await scene.arrivals { state in
            let board = state.createBoard(0, "Board", by: hand)
            let sprint = state.createSprint(board, "Sprint", by: hand)
            state.startSprint(sprint, by: hand)
            state.renameSprint(sprint, to: "Other", by: hand)
            state.closeSprint(sprint, by: hand)
            state.renameBoard(board, to: "Other", by: hand)
            state.renameVersion(version, of: 0, to: "v", by: hand)
            state.releaseVersion(version, of: 0, by: hand)
            state.createVersion(0, "w", by: hand)
            state.renameIssueType(0, to: "Theme", by: hand)
            state.renameUser(3, to: "Somebody", by: hand)
            state.deleteUser(4)
            state.addLink(0, 1, by: hand)
            state.addAttachment(0, fileName: "a.txt", file: SimulatedFile(text: "a"), by: hand)
            state.renameProject(1, name: "Name", by: hand)
            state.renameProject(1, key: "NEW", by: hand)
            state.trashProject(2, by: hand)
            state.restoreProject(2, by: hand)
            state.archiveProject(2, by: hand)
            state.archiveProject(2, false, by: hand)
            state.deleteProject(2, by: hand)
        }
        let members = [
            "board": "board", "sprint": "sprint", "jira:version": "version", "issuetype": "issuetype",
            "user": "user", "issuelink": "issueLink", "attachment": "attachment", "project": "project",
            "jira:issue": "issue",
        ]
        for body in bodies {
            let event = try #require(body["webhookEvent"]?.string)
            #expect(WebhookRegistration.allEvents.contains(event), "\(event)")
            let kind = members.keys.filter { event.hasPrefix($0) }.max { $0.count < $1.count }
            let member = try #require(kind.flatMap { members[$0] }, "\(event)")
            #expect(!names(body[member]).isEmpty, "\(event)")
            #expect(body["timestamp"]?.integer == Int(scene.clock.now))
        }
        let events = Set(bodies.compactMap { $0["webhookEvent"]?.string })
        #expect(
            events.isSuperset(of: [
                "board_created", "sprint_created", "sprint_started", "sprint_closed", "sprint_updated",
                "board_updated", "jira:version_updated", "jira:version_released", "jira:version_created",
                "issuetype_updated", "user_updated", "user_deleted", "issuelink_created", "attachment_created",
                "project_updated", "project_soft_deleted", "project_restored_deleted", "project_archived",
                "project_restored_archived", "project_deleted",
            ]))
    }
}
