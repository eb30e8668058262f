package import FastJSON
import SimulatedData
package import SimulatedSite

/// Projects, their components, and who plays which role.
extension Renderer {
    package func project(_ project: Project, _ expansions: Expansions, isDetail: Bool, _ json: inout JSONWriter) {
        json.object { json in
            json.member("expand", "description,lead,issueTypes,url,projectKeys,permissions,insight")
            json.member("self", "\(api)/project/\(project.id)")
            json.member("id", String(project.id))
            json.member("key", project.key)
            if isDetail || expansions.has("description") { json.member("description", project.description) }
            if isDetail || expansions.has("lead") || !isCloud {
                json.key("lead")
                user(project.lead, &json)
            }
            if isDetail {
                json.member(
                    "components",
                    array: { json in for component in project.components { self.component(component, &json) } })
                json.member(
                    "versions",
                    array: { json in
                        for version in project.versions {
                            self.version(version, project: project.index, &json, full: true)
                        }
                    })
            }
            if isDetail || expansions.has("issueTypes") {
                json.member(
                    "issueTypes",
                    array: { json in for type in project.issueTypes { json.raw(parts.types[type]) } })
            }
            json.member("name", project.name)
            if let category = project.category {
                json.member(
                    "projectCategory",
                    object: { json in
                        json.member("self", "\(api)/projectCategory/10000")
                        json.member("id", "10000")
                        json.member("name", category)
                        json.member("description", "")
                    })
            }
            json.member("projectTypeKey", project.kind.rawValue)
            json.member("archived", project.isArchived)
            if project.isTrashed { json.member("deleted", true) }
            if isCloud {
                json.member("simplified", project.style == .teamManaged)
                json.member("style", project.style.rawValue)
                json.member("isPrivate", project.isPrivate)
                json.member("properties", object: { _ in })
            }
            if expansions.has("projectKeys") {
                json.member(
                    "projectKeys",
                    array: { json in for key in [project.key] + project.formerKeys { json.string(key) } })
            }
        }
    }

    package func component(_ component: Component, of project: Project, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(api)/component/\(component.id)")
            json.member("id", String(component.id))
            json.member("name", component.name)
            json.member("description", component.description)
            if let lead = component.lead {
                json.key("lead")
                user(lead, &json)
            }
            json.member("assigneeType", "PROJECT_DEFAULT")
            json.member("isAssigneeTypeValid", false)
            json.member("project", project.key)
            json.member("projectId", project.id)
        }
    }

    /// The members of a role, without braces.
    package func members(of role: ProjectRole, _ url: String, _ json: inout JSONWriter) {
        json.member("self", url)
        json.member("name", role.name)
        json.member("id", role.id)
        json.member("description", role.description)
        if isCloud { self.scope(role.scope, &json) }
    }

    package func actors(_ actors: [RoleActor], role: Int, _ json: inout JSONWriter) {
        json.member(
            "actors",
            array: { json in
                for (position, actor) in actors.enumerated() {
                    json.object { json in
                        json.member("id", role * 100 + position)
                        switch actor {
                        case .user(let index): self.actor(state.users[index], &json)
                        case .group(let index): self.actor(state.groups[index], &json)
                        }
                    }
                }
            })
    }

    private func actor(_ user: User, _ json: inout JSONWriter) {
        json.member("displayName", user.displayName)
        json.member("type", "atlassian-user-role-actor")
        if isCloud {
            json.member("actorUser", object: { $0.member("accountId", user.accountID) })
        } else {
            json.member("name", user.name)
        }
    }

    private func actor(_ group: Group, _ json: inout JSONWriter) {
        json.member("displayName", group.name)
        json.member("type", "atlassian-group-role-actor")
        json.member("name", group.name)
        if isCloud {
            json.member(
                "actorGroup",
                object: { json in
                    json.member("name", group.name)
                    json.member("displayName", group.name)
                    json.member("groupId", group.id)
                })
        }
    }
}
