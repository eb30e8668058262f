import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

@Suite struct VisibilityTests {
    private struct Prepared {
        var state: SiteState
        var issue: Int
        var comment: Comment
        var attachment: Attachment
    }

    /// A public issue with one comment, which shows one file.
    private func prepare(
        _ flavour: SiteFlavour, in key: String = "OPEN", _ visibility: Visibility?, isInternal: Bool = false,
        browse: [Holder]? = [.anyone]
    ) throws -> Prepared {
        let site = SimulatedSite(SiteConfiguration(flavour: flavour, seed: 5, issueCount: 12))
        let hand = SiteState.Hand(user: 2, now: site.configuration.now)
        let (issue, id) = site.change { state in
            let project = state.project(key)
            if let browse { state.setGrants(project.permissionScheme, "BROWSE_PROJECTS", to: browse) }
            state.setActors(project.index, role: 10_001, to: [.user(3), .group(5)])
            state.setMembers(5, to: [2])
            let issue = state.createIssue(project: project.index, summary: "Notes", by: hand)
            let id = state.addComment(
                issue, RichText(paragraph: "secret"), visibility: visibility, isInternal: isInternal, by: hand)
            state.addAttachment(
                issue, fileName: "plan.pdf", file: SimulatedFile(kind: .pdf, number: 1), comment: id, by: hand)
            return (issue, id)
        }
        let content = site.current().content(of: issue)
        return Prepared(
            state: site.current(), issue: issue, comment: try #require(content.comments.first { $0.id == id }),
            attachment: try #require(content.attachments.first))
    }

    private func readers(_ prepared: Prepared) -> [Int] {
        let evaluator = PermissionEvaluator(prepared.state)
        return [0, 1, 2, 3, 4, 5].filter { evaluator.sees(.user($0), comment: prepared.comment, of: prepared.issue) }
    }

    @Test("a comment for a role is seen by those who play it in this project, also through a group")
    func roles() throws {
        #expect(readers(try prepare(.cloud, .role(10_001))) == [2, 3])
    }

    @Test("a comment for a group is seen by its members")
    func groups() throws {
        #expect(readers(try prepare(.dataCenter, .group(5))) == [2])
    }

    @Test("a restricted comment needs the issue too")
    func issueFirst() throws {
        #expect(readers(try prepare(.cloud, .role(10_001), browse: [.user(3)])) == [3])
    }

    @Test("an internal comment is for agents of the project only")
    func internalComments() throws {
        let prepared = try prepare(.cloud, in: "HELP", nil, isInternal: true)
        #expect(readers(prepared) == [0, 4])
        #expect(!PermissionEvaluator(prepared.state).sees(.anonymous, comment: prepared.comment, of: prepared.issue))
    }

    @Test("a file shown by a restricted comment shares its restriction on Cloud, not on Data Center")
    func attachments() throws {
        for (flavour, expected) in [(SiteFlavour.cloud, [2, 3]), (.dataCenter, [0, 1, 2, 3, 4, 5])] {
            let prepared = try prepare(flavour, .role(10_001))
            let evaluator = PermissionEvaluator(prepared.state)
            let content = prepared.state.content(of: prepared.issue)
            let readers = [0, 1, 2, 3, 4, 5].filter {
                evaluator.sees(.user($0), attachment: prepared.attachment, of: prepared.issue, content: content)
            }
            #expect(readers == expected)
        }
    }

    @Test("an issue restricted to roles is seen by those who play them")
    func restrictedIssues() throws {
        let state = Sites.cloud.current()
        let evaluator = PermissionEvaluator(state)
        let restricted = (0..<state.issueCount).filter { !state.traits(of: $0).restrictedToRoles.isEmpty }
        #expect(!restricted.isEmpty)
        for ordinal in restricted where state.row(ordinal).state == .live {
            let project = state.projects[Int(state.row(ordinal).project)]
            for user in state.users where evaluator.mayBrowse(.user(user.index), issue: ordinal) {
                let groups = state.groups(of: user.index)
                let plays = state.traits(of: ordinal).restrictedToRoles.contains { role in
                    (project.actors[role] ?? []).contains { actor in
                        switch actor {
                        case .user(let named): named == user.index
                        case .group(let group): groups.contains(group)
                        }
                    }
                }
                #expect(plays)
            }
        }
    }
}
