import SimulatedAccess
import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

@Suite struct TinySiteTests {
    @Test func `the same seed makes the same site`() {
        for seed in UInt64(0)..<40 {
            let first = SimulatedSite(.tiny(seed: seed)).current()
            let second = SimulatedSite(.tiny(seed: seed)).current()
            #expect(first.users == second.users && first.groups == second.groups && first.projects == second.projects)
            #expect(first.permissionSchemes == second.permissionSchemes)
            #expect(first.securitySchemes == second.securitySchemes)
            #expect(first.plantedRecords == second.plantedRecords)
            #expect((0..<first.issueCount).allSatisfy { first.row($0) == second.row($0) })
        }
    }

    @Test func `seeds go through every pair of browse holder and level member`() {
        var pairs: Set<[String]> = []
        for seed in UInt64(0)..<289 {
            let state = SimulatedSite(.tiny(seed: seed, flavour: .cloud)).current()
            let browse = state.holders(0, "BROWSE_PROJECTS")[0]
            let member = state.securitySchemes[0].levels[0].members[0].holder
            pairs.insert([Self.kind(of: browse), Self.kind(of: member)])
        }
        #expect(pairs.count == 289)
    }

    private static func kind(of holder: Holder) -> String {
        switch holder {
        case .applicationRole(let key): "applicationRole \(key ?? "")"
        case .projectRole(99_999): "unknown role"
        case .userCustomField("customfield_19999"): "unknown field"
        default: holder.type
        }
    }

    @Test func `some site has every kind of thing`() {
        var seen: Set<String> = []
        for seed in UInt64(0)..<60 {
            let state = SimulatedSite(.tiny(seed: seed)).current()
            seen.insert(state.configuration.flavour.rawValue)
            for project in state.projects {
                seen.insert(project.access?.rawValue ?? project.kind.rawValue)
                if project.isArchived { seen.insert("archived project") }
            }
            if state.groups.contains(where: { !$0.subgroups.isEmpty }) { seen.insert("nested") }
            if Set(state.groups.map(\.id)).intersection(state.groups.map(\.name)).isEmpty == false {
                seen.insert("alias")
            }
            for ordinal in 0..<state.issueCount { look(at: ordinal, of: state, &seen) }
        }
        let wanted: Set<String> = [
            "cloud", "dataCenter", "server", "open", "limited", "private", "software", "service_desk", "business",
            "archived project", "nested", "alias", "level", "sub-task", "restricted", "archived", "deleted",
            "comment by role", "comment by group", "internal", "worklog by role", "worklog by group",
            "file of a restricted comment", "free file", "link",
        ]
        #expect(seen.isSuperset(of: wanted), "\(wanted.subtracting(seen))")
    }

    private func look(at ordinal: Int, of state: SiteState, _ seen: inout Set<String>) {
        let (row, content) = (state.row(ordinal), state.content(of: ordinal))
        if row.level != 0 { seen.insert("level") }
        if row.parent >= 0 { seen.insert("sub-task") }
        if row.state == .archived { seen.insert("archived") }
        if row.state == .deleted { seen.insert("deleted") }
        if !content.traits.restrictedToRoles.isEmpty { seen.insert("restricted") }
        if !content.links.isEmpty { seen.insert("link") }
        func note(_ what: String, _ visibility: Visibility?) {
            switch visibility {
            case .role: seen.insert("\(what) by role")
            case .group: seen.insert("\(what) by group")
            case nil: break
            }
        }
        for comment in content.comments {
            note("comment", comment.visibility)
            if comment.isInternal { seen.insert("internal") }
        }
        for worklog in content.worklogs { note("worklog", worklog.visibility) }
        for file in content.attachments {
            let comment = content.comments.first { $0.id == file.comment }
            seen.insert(comment?.visibility == nil ? "free file" : "file of a restricted comment")
        }
    }

    @Test func `every record holds words that no other record has`() {
        for seed in UInt64(0)..<40 {
            let state = SimulatedSite(.tiny(seed: seed)).current()
            let records = state.plantedRecords
            let words = records.flatMap(\.words)
            #expect(Set(words).count == words.count)
            for record in records where record.kind == .comment {
                guard let ordinal = state.ordinal(ofPart: record.id),
                    let comment = state.content(of: ordinal).comments.first(where: { $0.id == record.id })
                else {
                    Testing.Issue.record("comment \(record.id) is missing")
                    continue
                }
                #expect(Planted.words(in: Array("_\(comment.body.plainText)xq".utf8)).isSuperset(of: record.words))
            }
        }
    }

    @Test func `administrators see everything where the site says so`() {
        for seed in UInt64(0)..<60 {
            let state = SimulatedSite(.tiny(seed: seed, administratorSeesAll: true)).current()
            let evaluator = PermissionEvaluator(state)
            for ordinal in 0..<state.issueCount where state.row(ordinal).state != .deleted {
                #expect(evaluator.mayBrowse(.user(TinySite.administrator), issue: ordinal))
                let content = state.content(of: ordinal)
                #expect(
                    content.comments.allSatisfy {
                        evaluator.sees(.user(TinySite.administrator), comment: $0, of: ordinal)
                    })
                #expect(
                    content.worklogs.allSatisfy {
                        evaluator.sees(.user(TinySite.administrator), worklog: $0, of: ordinal)
                    })
            }
        }
    }
}
