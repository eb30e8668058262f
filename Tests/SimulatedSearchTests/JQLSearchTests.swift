import SimulatedData
import SimulatedRules
import SimulatedSearch
import SimulatedSite
import Testing

/// A query and the same question asked of the facts.
struct MatchCase: Sendable, CustomTestStringConvertible {
    var jql: String
    var isMatch: @Sendable (IssueRow, IssueTraits) -> Bool

    var testDescription: String { jql }

    static let all: [MatchCase] = [
        MatchCase(jql: "project in (PAY, WEB)") { row, _ in row.project == 0 || row.project == 2 },
        MatchCase(jql: "level is not EMPTY") { row, _ in row.level != 0 },
        MatchCase(jql: "project not in (PAY, WEB)") { row, _ in row.project != 0 && row.project != 2 },
        MatchCase(jql: "resolution is EMPTY") { row, _ in row.resolution < 0 },
        MatchCase(jql: "resolution is not EMPTY") { row, _ in row.resolution >= 0 },
        MatchCase(jql: "resolution != Done") { row, _ in row.resolution > 0 },
        MatchCase(jql: "not resolution = Done") { row, _ in row.resolution > 0 },
        MatchCase(jql: "resolution not in (Done, Duplicate)") { row, _ in row.resolution > 0 && row.resolution != 2 },
        MatchCase(jql: "resolution in (Done, EMPTY)") { row, _ in row.resolution <= 0 },
        MatchCase(jql: "not (resolution = Done or assignee is empty)") { row, _ in
            row.resolution > 0 && row.assignee >= 0
        },
        MatchCase(jql: "assignee = currentUser()") { row, _ in row.assignee == 0 },
        MatchCase(jql: "assignee != currentUser()") { row, _ in row.assignee > 0 },
        MatchCase(jql: "assignee is empty") { row, _ in row.assignee < 0 },
        MatchCase(jql: "reporter in (\"Devi Raman\", \"fiona@acme.example\")") { row, _ in
            row.reporter == 1 || row.reporter == 2
        },
        MatchCase(jql: "statusCategory = Done") { row, _ in [5, 6, 9].contains(row.status) },
        MatchCase(jql: "statusCategory != done") { row, _ in ![5, 6, 9].contains(row.status) },
        MatchCase(jql: "type = Bug") { row, _ in row.type == 3 },
        MatchCase(jql: "priority >= High") { row, _ in row.priority <= 1 },
        MatchCase(jql: "priority < Medium") { row, _ in row.priority > 2 },
        MatchCase(jql: "labels = regression") { _, traits in traits.labels.contains("regression") },
        MatchCase(jql: "labels != regression") { _, traits in
            !traits.labels.isEmpty && !traits.labels.contains("regression")
        },
        MatchCase(jql: "labels is empty") { _, traits in traits.labels.isEmpty },
        MatchCase(jql: "labels in (regression, 検索)") { _, traits in
            traits.labels.contains("regression") || traits.labels.contains("検索")
        },
        MatchCase(jql: "level = \"Incident response\"") { row, _ in row.level == 10_101 },
        MatchCase(jql: "level is not empty and project = PAY") { row, _ in row.level != 0 && row.project == 0 },
        MatchCase(jql: "component is empty") { _, traits in traits.components.isEmpty },
        MatchCase(jql: "fixVersion is not empty") { _, traits in !traits.fixVersions.isEmpty },
        MatchCase(jql: "affectedVersion is not empty") { _, traits in !traits.affectedVersions.isEmpty },
        MatchCase(jql: "sprint is not empty") { _, traits in !traits.sprints.isEmpty },
        MatchCase(jql: "parent is empty") { row, _ in row.parent < 0 },
        MatchCase(jql: "due is empty") { row, _ in row.due == 0 },
        MatchCase(jql: "due is not empty and due < now()") { row, _ in
            row.due != 0 && row.due < CivilTime.day(2026, 9, 28)
        },
        MatchCase(jql: "resolved >= 2025-01-01") { row, _ in
            // The administrator lives in Berlin.
            row.resolved >= CivilTime(2024, 12, 31, 23).utcMilliseconds
        },
        MatchCase(jql: "cf[10060] = currentUser()") { _, traits in traits.userFields["customfield_10060"] == [0] },
        MatchCase(jql: "Approver is not empty") { _, traits in traits.userFields["customfield_10060"] != nil },
        MatchCase(jql: "id >= 10100 and id < 10200") { row, _ in row.id >= 10_100 && row.id < 10_200 },
        MatchCase(jql: "project = PAY and key > PAY-5") { row, _ in row.project == 0 && row.number > 5 },
    ]
}

@Suite struct JQLSearchTests {
    @Test("a search finds what the facts say", arguments: MatchCase.all)
    func matches(_ test: MatchCase) throws {
        #expect(try SearchSite.count(test.jql) == SearchSite.count(where: test.isMatch))
    }

    @Test("members of a group, nested ones too on Data Center")
    func membersOf() throws {
        for site in [SearchSite.cloud, SearchSite.dataCenter] {
            let state = site.current()
            guard let group = state.groups.first(where: { $0.name == "all-engineering" }) else { continue }
            let members = Set(state.members(of: group.index, nested: true))
            let expected = site.visibleIssues(to: SearchSite.admin, in: state).ordinals.filter {
                members.contains(Int(state.row($0).assignee))
            }
            let found = try site.search("assignee in membersOf(\"all-engineering\")", as: SearchSite.admin)
            #expect(found.total == expected.count && found.total > 0)
        }
    }

    @Test("a search shows only what the caller may see")
    func hidesTheInvisible() throws {
        let site = SearchSite.cloud
        let state = site.current()
        let evaluator = PermissionEvaluator(state)
        for caller in [SearchSite.developer, .anonymous, .user(10)] {
            let found = try site.search("created >= 2000-01-01", as: caller).ordinals
            #expect(found.allSatisfy { evaluator.mayBrowse(caller, issue: Int($0)) })
            #expect(found.count == evaluator.visibleIssues(to: caller).count)
        }
        #expect(throws: JQLError.self) { try site.search("project = PAY", as: .anonymous) }
        #expect(throws: JQLError.self) { try site.search("key = \(site.tour.levelIssueKey)", as: SearchSite.developer) }
    }

    @Test("text finds words the caller may read, also only in comments")
    func text() throws {
        let tour = SearchSite.cloud.tour
        #expect(try SearchSite.count("text ~ settlement") == tour.counts.administrator)
        #expect(try SearchSite.count("text ~ settlement", as: SearchSite.developer) == tour.counts.developer)
        #expect(try SearchSite.count("text ~ settlement", as: .anonymous) == tour.counts.anonymous)
        #expect(try SearchSite.keys("comment ~ settlement and project = PAY").contains(tour.commentIssueKey))
        #expect(try SearchSite.keys("summary ~ \"settlement file\"") == [tour.issueKey])
        #expect(try SearchSite.keys("summary ~ \"\\\"file settlement\\\"\"").isEmpty)
        #expect(try SearchSite.keys("summary ~ \"settl* refun*\"") == [tour.issueKey])
        #expect(try SearchSite.count("project = PAY and summary !~ settlement") > 0)
    }

    @Test("former keys find a moved issue")
    func formerKeys() throws {
        let state = SearchSite.cloud.current()
        let moved = try #require(
            SearchSite.cloud.visibleIssues(to: SearchSite.admin, in: state).ordinals.first {
                !state.formerKeys(of: $0).isEmpty
            })
        let former = try #require(state.formerKeys(of: moved).first)
        #expect(try SearchSite.keys("key = \(former)") == [state.key(of: moved)])
    }

    @Test("archived and deleted issues are not found")
    func onlyLiveIssues() throws {
        let state = SearchSite.cloud.current()
        let found = try SearchSite.cloud.search("created > 2000-01-01", as: SearchSite.admin).ordinals
        #expect(found.allSatisfy { state.row(Int($0)).state == .live })
    }

    @Test(
        "results come in the order asked for",
        arguments: [
            "created ASC", "created DESC", "updated ASC", "updated DESC", "key ASC", "priority DESC, created ASC",
            "due ASC", "assignee ASC, id DESC", "summary ASC", "status ASC, updated DESC",
        ])
    func orders(_ order: String) throws {
        let state = SearchSite.cloud.current()
        let found = try SearchSite.cloud.search("created > 2000-01-01 ORDER BY \(order)", as: SearchSite.admin).ordinals
        #expect(found.count == SearchSite.cloud.visibleIssues(to: SearchSite.admin, in: state).count)
        #expect(Set(found).count == found.count)
        let rows = found.map { state.row(Int($0)) }
        for (left, right) in zip(rows, rows.dropFirst()) {
            switch order {
            case "created ASC": #expect(left.created <= right.created)
            case "created DESC": #expect(left.created >= right.created)
            case "updated ASC": #expect(left.updated <= right.updated)
            case "updated DESC": #expect(left.updated >= right.updated)
            case "priority DESC, created ASC":
                #expect((left.priority, left.created) <= (right.priority, right.created))
            case "due ASC": #expect(right.due == 0 || left.due != 0 && left.due <= right.due)
            default: break
            }
        }
    }

    @Test("an unchecked query passes over ids of issues the caller does not see")
    func uncheckedIDs() throws {
        let state = SearchSite.dataCenter.current()
        let visible = SearchSite.dataCenter.visibleIssues(to: SearchSite.developer, in: state)
        let all = (0..<60).filter { state.row($0).state == .live }
        let jql = "id in (\(all.map { String(state.row($0).id) }.joined(separator: ",")), 99999999)"
        let found = try SearchSite.dataCenter.search(jql, as: SearchSite.developer, validates: false).ordinals
        #expect(Set(found.map { Int($0) }) == Set(all.filter { visible.contains($0) }) && !found.isEmpty)
        #expect(throws: JQLError.self) { try SearchSite.dataCenter.search(jql, as: SearchSite.developer) }
    }
}
