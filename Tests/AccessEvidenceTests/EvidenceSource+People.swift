import AccessControl
import AccessEngine
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import Store
import SyncEngine
import Workspace

extension EvidenceSource {
    /// Makes a member of everybody who can sign in to Jira, each linked by their own token.
    func linkEverybody() async throws {
        let source = try await record()
        let link = PersonalLink(store: store, transport: jira, gatewayURL: jira.gatewayHost, time: time)
        for user in site.current().users where user.isActive && !user.isDeleted && user.kind == .atlassian {
            let draft = Member(email: "member-\(user.index)@drawbridge.example", added: time.now())
            let member = try await store.write { try MemberRecords.add(draft, in: $0) }
            do {
                _ = try await link.link(member, to: source, with: credential(of: .user(user.index)))
                noteLink(user.index)
            } catch is JiraError {
                // Two accounts of one address cannot both sign in with it.
            }
        }
        try await list()
    }

    /// Reads again what Jira lists to each of them.
    func list() async throws {
        guard !linkedUsers.isEmpty else { return }
        let access = PersonalAccess(store: store, transport: jira, gatewayURL: jira.gatewayHost, time: time)
        let refresh = ListingRefresh(store: store, source: try await record(), access: access, time: time)
        _ = try await refresh.run(.everything)
    }

    /// Declares the members of every security level as they are.
    func declareLevels() async throws {
        let state = site.current()
        let (source, now) = (try await record().id, time.now())
        try await store.write { context in
            let known = try AccessRecords.facts(source: source, withPeople: false, in: context.connection)
            for level in state.securitySchemes.flatMap(\.levels)
            where known.securityLevels[EntityID(String(level.id))] != nil {
                try DeclaredLevels.declare(
                    EntityID(String(level.id)), members: level.members.map { state.holder($0.holder) },
                    by: "an administrator", at: now, source: source, in: context)
            }
        }
        _ = try await service.rewriteKeys(of: Self.name)
    }
}

extension SiteState {
    /// A holder of Data Center as an administrator would declare it.
    fileprivate func holder(_ holder: SiteHolder) -> DeclaredHolder {
        switch holder {
        case .anyone: .anyone
        case .applicationRole(let key): .applicationRole(key: key)
        case .group(let group): .group(GroupID(groups[group].name))
        case .user(let user): .account(AccountID(users[user].key))
        case .projectRole(let role): .projectRole(EntityID(String(role)))
        case .projectLead: .projectLead
        case .reporter: .reporter
        case .assignee: .assignee
        case .userCustomField(let field): .accountField(EntityID(field))
        case .groupCustomField(let field): .groupField(EntityID(field))
        case .portalOnly: .portalCustomer
        case .unknown(let type, _): .unknown(type: type)
        }
    }
}
