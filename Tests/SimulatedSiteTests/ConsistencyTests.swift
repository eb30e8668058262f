import SimulatedData
import SimulatedSite
import Testing

@Suite struct ConsistencyTests {
    @Test(
        "times are in order: created, then events, then updated, not after now",
        arguments: [Sites.cloud, Sites.dataCenter])
    func timesAreOrdered(_ site: SimulatedSite) {
        let state = site.current()
        for ordinal in 0..<state.issueCount {
            let row = state.row(ordinal)
            #expect(row.created <= row.updated && row.updated <= site.configuration.now)
            let content = state.content(of: ordinal)
            let times = content.changes.map(\.created)
            #expect(times == times.sorted())
            for time in times + content.comments.map(\.created) + content.comments.map(\.updated) {
                #expect((row.created...row.updated).contains(time))
            }
        }
    }

    @Test("the history ends in the present status")
    func historyAgrees() {
        let state = Sites.cloud.current()
        var checked = 0
        for ordinal in 0..<state.issueCount {
            let items = state.content(of: ordinal).changes.flatMap(\.items)
            guard let last = items.last(where: { $0.field == "status" }) else { continue }
            #expect(last.toString == state.catalogue.statuses[Int(state.row(ordinal).status)].name)
            checked += 1
        }
        #expect(checked > 100)
    }

    @Test("keys and ids find their issue, in any case, also after a move")
    func keysResolve() {
        let state = Sites.cloud.current()
        var former = 0
        for ordinal in 0..<state.issueCount {
            #expect(state.ordinal(idOrKey: String(state.row(ordinal).id)) == ordinal)
            #expect(state.ordinal(key: state.key(of: ordinal).lowercased()) == ordinal)
            for key in state.formerKeys(of: ordinal) {
                #expect(state.ordinal(key: key) == ordinal)
                former += 1
            }
        }
        #expect(former > 0)
    }

    @Test("ids of comments, worklogs, attachments and changes are unique and lead to their issue")
    func partsResolve() {
        let state = Sites.cloud.current()
        var seen: Set<Int> = []
        for ordinal in 0..<state.issueCount {
            let content = state.content(of: ordinal)
            let ids =
                content.comments.map(\.id) + content.worklogs.map(\.id) + content.attachments.map(\.id)
                + content.changes.map(\.id)
            for id in ids {
                #expect(seen.insert(id).inserted)
                #expect(state.ordinal(ofPart: id) == ordinal)
            }
        }
    }

    @Test("an attachment is as long as it says and is shown by the comment it names")
    func attachmentsAreReal() {
        let state = Sites.cloud.current()
        var restricted = 0
        for ordinal in 0..<state.issueCount where state.row(ordinal).state != .deleted {
            let content = state.content(of: ordinal)
            for attachment in content.attachments {
                #expect(state.bytes(of: attachment).count == attachment.size)
                #expect(state.attachment(id: attachment.id)?.ordinal == ordinal)
                guard let comment = content.comments.first(where: { $0.id == attachment.comment }) else { continue }
                #expect(comment.body.media.map(\.mediaID).contains(attachment.mediaID))
                restricted += 1
            }
        }
        #expect(restricted > 0)
    }

    @Test("every kind of thing the checklist names occurs")
    func everythingOccurs() {
        let state = Sites.cloud.current()
        let contents = (0..<state.issueCount).map { state.content(of: $0) }
        let fields = Set(contents.flatMap { $0.customFields.map(\.id) })
        let holders = Set(state.permissionSchemes.flatMap(\.grants).map(\.holder.type))
        let levelHolders = Set(state.securitySchemes.flatMap(\.levels).flatMap(\.members).map(\.holder.type))
        #expect(fields.count >= 38)
        #expect(
            holders.isSuperset(of: [
                "anyone", "applicationRole", "group", "user", "projectRole", "projectLead", "reporter", "assignee",
                "userCustomField", "groupCustomField", "sd.customer.portal.only", "com.example.rules.team-holder",
            ]))
        #expect(levelHolders.count >= 11)
        #expect(contents.contains { $0.comments.contains(where: \.isInternal) })
        #expect(contents.contains { $0.worklogs.contains { $0.visibility != nil } })
        #expect(contents.contains { !$0.traits.restrictedToRoles.isEmpty })
        #expect(contents.contains { !$0.subtasks.isEmpty && $0.aggregateOriginalEstimate != $0.originalEstimate })
        #expect(state.auditRecords.contains { $0.objectType == "ISSUE_DELETE" })
        #expect(Set(state.projects.map(\.style)).count == 2 && Set(state.projects.map(\.kind)).count == 3)
        #expect(state.users.contains(where: \.isDeleted) && state.users.contains { !$0.isActive && !$0.isDeleted })
    }

    @Test("a large site has issues with more comments and worklogs than a page embeds")
    func longListsOccur() {
        let state = SimulatedSite(SiteConfiguration(seed: 3, issueCount: 3_000)).current()
        let contents = stride(from: 0, to: state.issueCount, by: 1).lazy.map { state.content(of: $0) }
        #expect(contents.contains { $0.comments.count > 50 })
        #expect(contents.contains { $0.worklogs.count > 20 })
    }

    @Test("Data Center nests groups; Cloud does not")
    func groupsNest() {
        #expect(Sites.cloud.current().groups.allSatisfy { $0.subgroups.isEmpty })
        let state = Sites.dataCenter.current()
        guard let outer = state.groups.first(where: { $0.name == "all-engineering" }) else { return }
        #expect(state.members(of: outer.index, nested: true).count > outer.members.count)
        #expect(state.groups(of: Known.developer).contains(outer.index))
    }
}
