import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

@Suite struct MutationTests {
    private func site(lag: Milliseconds = 0) -> (site: SimulatedSite, clock: VirtualSiteClock) {
        let configuration = SiteConfiguration(seed: 9, issueCount: 400, indexLag: lag)
        let clock = VirtualSiteClock(configuration.now)
        clock.advance(by: 60_000)
        return (SimulatedSite(configuration, clock: clock.clock), clock)
    }

    private func hand(_ site: SimulatedSite) -> SiteState.Hand { SiteState.Hand(user: 0, now: site.clock.now()) }

    struct Edit: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bumps: Bool
        var apply: @Sendable (inout SiteState, Int, SiteState.Hand) -> Void
    }

    static let edits: [Edit] = [
        Edit(testDescription: "summary", bumps: true) { $0.setSummary($1, to: "New words", by: $2) },
        Edit(testDescription: "description", bumps: true) {
            $0.setDescription($1, to: RichText(paragraph: "x"), by: $2)
        },
        Edit(testDescription: "status", bumps: true) { $0.setStatus($1, to: 4, by: $2) },
        Edit(testDescription: "assignee", bumps: true) { $0.setAssignee($1, to: 3, by: $2) },
        Edit(testDescription: "labels", bumps: true) { $0.setLabels($1, to: ["new"], by: $2) },
        Edit(testDescription: "comment", bumps: true) { $0.addComment($1, RichText(paragraph: "hi"), by: $2) },
        Edit(testDescription: "worklog", bumps: true) { $0.addWorklog($1, seconds: 600, by: $2) },
        Edit(testDescription: "file", bumps: true) {
            $0.addAttachment($1, fileName: "a.txt", file: SimulatedFile(kind: .text, number: 0), by: $2)
        },
        Edit(testDescription: "move", bumps: true) { $0.moveIssue($1, to: 1, by: $2) },
        Edit(testDescription: "scheme", bumps: false) { state, issue, _ in
            state.setPermissionScheme(Int(state.row(issue).project), to: 2)
        },
        Edit(testDescription: "role", bumps: false) { state, issue, _ in
            state.setActors(Int(state.row(issue).project), role: 10_001, to: [])
        },
        Edit(testDescription: "group", bumps: false) { state, _, _ in state.setMembers(4, to: []) },
        Edit(testDescription: "project key", bumps: false) { state, issue, hand in
            state.renameProject(Int(state.row(issue).project), key: "NEWKEY", by: hand)
        },
        Edit(testDescription: "project archived", bumps: false) { state, issue, _ in
            state.archiveProject(Int(state.row(issue).project))
        },
    ]

    @Test(
        "what people do to an issue bumps its update time, what administrators do to rules does not", arguments: edits)
    func bumps(_ edit: Edit) {
        let (site, _) = site()
        let issue = site.current().plainIssue(in: "WEB")
        let before = site.current().row(issue).updated
        let hand = hand(site)
        site.change { edit.apply(&$0, issue, hand) }
        #expect((site.current().row(issue).updated == hand.now) == edit.bumps)
        #expect((site.current().row(issue).updated == before) == !edit.bumps)
    }

    @Test("an edit leaves everything else of the issue as it was")
    func editsAreNarrow() {
        let (site, _) = site()
        let issue = site.current().plainIssue(in: "WEB")
        let before = site.current().content(of: issue)
        let hand = hand(site)
        site.change { $0.setStatus(issue, to: 5, by: hand) }
        let after = site.current().content(of: issue)
        #expect(after.summary == before.summary && after.description == before.description)
        #expect(after.comments == before.comments && after.traits == before.traits)
        #expect(Array(after.changes.dropLast()) == before.changes)
        #expect(after.changes.last?.items.first?.toString == "Done")
    }

    @Test("renaming a project, changing its scheme or deleting a person changes no issue's content")
    func rulesLeaveContent() {
        let (site, _) = site()
        let before = (0..<400).map { site.current().content(of: $0) }
        let hand = hand(site)
        site.change { state in
            let project = state.project("REV").index
            state.renameProject(project, key: "RVW", by: hand)
            state.setPermissionScheme(project, to: 0)
            state.deleteUser(20)
        }
        for ordinal in 0..<400 {
            let after = site.current().content(of: ordinal)
            #expect(after.description == before[ordinal].description && after.comments == before[ordinal].comments)
            #expect(after.changes == before[ordinal].changes && after.traits == before[ordinal].traits)
        }
    }

    @Test("a moved issue keeps its id, takes a new key and is found by both keys")
    func moves() {
        let (site, _) = site()
        let issue = site.current().plainIssue(in: "WEB")
        let oldKey = site.current().key(of: issue)
        let hand = hand(site)
        site.change { $0.moveIssue(issue, to: 0, by: hand) }
        let state = site.current()
        #expect(state.key(of: issue).hasPrefix("PAY-"))
        #expect(state.ordinal(key: oldKey) == issue && state.ordinal(key: state.key(of: issue)) == issue)
        #expect(state.formerKeys(of: issue) == [oldKey])
        let items = state.content(of: issue).changes.last?.items ?? []
        #expect(items.map(\.field) == ["project", "Key"])
        #expect(items.last?.fromString == oldKey)
    }

    @Test("a deleted issue is nobody's, is audited by key and takes its sub-tasks with it")
    func deletes() throws {
        let (site, _) = site()
        let state = site.current()
        let parent = try #require(
            (12..<400).first { !state.content(of: $0).subtasks.isEmpty && state.row($0).state == .live })
        let subtasks = state.content(of: parent).subtasks
        let hand = hand(site)
        site.change { $0.deleteIssue(parent, by: hand) }
        let after = site.current()
        #expect(([parent] + subtasks).allSatisfy { after.row($0).state == .deleted })
        #expect(!PermissionEvaluator(after).mayBrowse(.user(Known.admin), issue: parent))
        #expect(after.auditRecords.suffix(subtasks.count + 1).map(\.objectName).contains(state.key(of: parent)))
    }

    @Test("search sees a change only after the index lag")
    func indexLags() {
        let (site, clock) = site(lag: 5_000)
        let hand = hand(site)
        let issue = site.change { $0.createIssue(project: 0, summary: "Brand new", by: hand) }
        #expect(site.current().issueCount == issue + 1)
        #expect(site.indexed().issueCount == issue)
        clock.advance(by: 3_000)
        let later = self.hand(site)
        site.change { $0.setSummary(issue, to: "Newer", by: later) }
        clock.advance(by: 2_500)
        #expect(site.indexed().issueCount == issue + 1)
        #expect(site.indexed().summary(of: issue) == "Brand new")
        clock.advance(by: 10_000)
        #expect(site.indexed().summary(of: issue) == "Newer")
    }

    @Test("a picture taken before a change does not see it")
    func picturesStand() {
        let (site, _) = site()
        let before = site.current()
        let hand = hand(site)
        site.change { $0.setSummary(20, to: "Changed", by: hand) }
        #expect(before.summary(of: 20) != "Changed" && site.current().summary(of: 20) == "Changed")
    }

    @Test("many threads read while one changes")
    func concurrency() async {
        let (site, _) = site()
        await withTaskGroup(of: Void.self) { group in
            for reader in 0..<8 {
                group.addTask { @concurrent in
                    for ordinal in 0..<40 {
                        let state = site.current()
                        _ = state.content(of: (ordinal + reader) % state.issueCount)
                    }
                }
            }
            group.addTask { @concurrent in
                for number in 0..<40 {
                    let hand = SiteState.Hand(user: 0, now: site.clock.now())
                    site.change { $0.setSummary(number, to: "Round \(number)", by: hand) }
                }
            }
        }
        #expect(site.current().summary(of: 39) == "Round 39")
        #expect(site.current().version == 40)
    }

    @Test("the worklog feed lists changed worklogs oldest first, and deleted ones apart")
    func feeds() throws {
        let (site, _) = site()
        let all = site.current().worklogs(changedFrom: 0)
        #expect(all == all.sorted { ($0.updated, $0.id) < ($1.updated, $1.id) } && !all.isEmpty)
        let hand = hand(site)
        let id = site.change { $0.addWorklog(20, seconds: 900, by: hand) }
        #expect(site.current().worklogs(changedFrom: hand.now).map(\.id) == [id])
        site.change { _ = $0.deleteWorklog(id, by: hand) }
        #expect(site.current().deletedWorklogs.map(\.id) == [id])
    }
}
