import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addPeople() {
        api(.get, "user", scope: .user, needsLogin: true) { try $0.user() }
        api(.get, "group/member", scope: .configuration, needsLogin: true) { try $0.groupMembers() }
        api(.get, "groups/picker", scope: .user) { try $0.pickGroups() }
        api(.get, "applicationrole", scope: .configuration, needsLogin: true) { try $0.applicationRoles() }
        api(.get, "applicationrole/{key}", scope: .configuration, needsLogin: true) { call in
            try call.requireAdministrator()
            let role = call.state.applicationRoles.first { $0.key == call.capture("key") }
            guard let role else { throw Refusal(404, "The application role was not found.") }
            var json = JSONWriter()
            call.renderer.applicationRole(role, &json)
            return .json(bytes: json.bytes)
        }
        api(.get, "user/viewissue/search", scope: .user, needsLogin: true) { try $0.viewers() }
        if isCloud {
            for path in ["users/search", "users"] {
                api(.get, path, scope: .user, needsLogin: true) { try $0.allUsers() }
            }
            api(.get, "user/search", scope: .user, needsLogin: true) { try $0.searchUsers("query") }
            api(.get, "group/bulk", scope: .configuration, needsLogin: true) { try $0.groups() }
        } else {
            api(.get, "user/search", scope: .user, needsLogin: true) { try $0.searchUsers("username") }
            api(.get, "user/list", scope: .user, needsLogin: true) { try $0.listUsers() }
        }
    }
}

extension Call {
    fileprivate func user() throws -> WebResponse {
        let found =
            isCloud
            ? query["accountId"].flatMap { state.user(accountID: $0) }
            : query["username"].flatMap { state.user(name: $0) } ?? query["key"].flatMap { state.user(key: $0) }
        guard let user = found else { throw Refusal(404, "The user does not exist.") }
        let expansions = Expansions(query["expand"] ?? "")
        return .json { json in
            renderer.members(of: user, isSelf: person?.index == user.index, &json)
            if expansions.has("groups") {
                let groups = state.groups(of: user.index).sorted()
                json.member(
                    "groups",
                    object: { json in
                        json.member("size", groups.count)
                        json.member(
                            "items", array: { json in for group in groups { renderer.group(group, &json) } })
                    })
            }
        }
    }

    fileprivate func allUsers() throws -> WebResponse {
        let start = max(0, try integer("startAt", default: 0))
        let count = min(max(0, try integer("maxResults", default: 50)), 1_000)
        let renderer = renderer
        return array(Array(state.users.dropFirst(start).prefix(count))) { renderer.user($0.index, &$1) }
    }

    fileprivate func searchUsers(_ parameter: String) throws -> WebResponse {
        let text = (query[parameter] ?? "").lowercased()
        let found = state.users.filter { user in
            // A dot finds everybody on Data Center: every name is searched by substring of its e-mail address too.
            guard user.isActive || query["includeInactive"] == "true" else { return false }
            guard isCloud || text != "." else { return true }
            let words = [user.displayName, isCloud ? "" : user.name, user.showsEmail ? user.email : ""]
            return words.contains { $0.lowercased().contains(text) }
        }
        let start = max(0, try integer("startAt", default: 0))
        let count = min(max(0, try integer("maxResults", default: 50)), 1_000)
        let renderer = renderer
        return array(Array(found.dropFirst(start).prefix(count))) { renderer.user($0.index, &$1) }
    }

    /// Data Center: users by cursor; a page names where the next one starts.
    fileprivate func listUsers() throws -> WebResponse {
        try requireAdministrator()
        let start = try integer("cursor", default: 0)
        let count = min(max(1, try integer("maxResults", default: 100)), 1_000)
        let slice = state.users.dropFirst(start).prefix(count)
        let end = start + slice.count
        let renderer = renderer
        return .json { json in
            json.member("maxResults", count)
            json.member("isLast", end >= state.users.count)
            json.member("cursor", String(start))
            if end < state.users.count {
                json.member("nextCursor", String(end))
                json.member("nextPage", "\(renderer.api)/user/list?cursor=\(end)&maxResults=\(count)")
            }
            json.member("self", "\(renderer.api)/user/list?cursor=\(start)&maxResults=\(count)")
            json.member("values", array: { json in for user in slice { renderer.user(user.index, &json) } })
        }
    }

    fileprivate func groups() throws -> WebResponse {
        let ids = Set(query.all("groupId"))
        let names = Set(query.all("groupName"))
        let found = state.groups.filter {
            (ids.isEmpty && names.isEmpty) || ids.contains($0.id) || names.contains($0.name)
        }
        return try page(found) { group, json in
            json.object { json in
                json.member("name", group.name)
                json.member("groupId", group.id)
            }
        }
    }

    fileprivate func pickGroups() throws -> WebResponse {
        let text = (query["query"] ?? "").lowercased()
        let count = min(max(0, try integer("maxResults", default: 20)), 1_000)
        let found = person == nil ? [] : state.groups.filter { text.isEmpty || $0.name.lowercased().contains(text) }
        return .json { json in
            json.member("header", "Showing \(min(count, found.count)) of \(found.count) matching groups")
            json.member("total", found.count)
            json.member(
                "groups",
                array: { json in
                    for group in found.prefix(count) {
                        json.object { json in
                            json.member("name", group.name)
                            json.member("html", group.name)
                            json.member("labels", array: { _ in })
                            if isCloud { json.member("groupId", group.id) }
                        }
                    }
                })
        }
    }

    fileprivate func groupMembers() throws -> WebResponse {
        if !isCloud { try requireAdministrator() }
        let found = state.groups.first { group in
            if isCloud, let id = query["groupId"] { return group.id == id }
            return query["groupname"].map { group.name.lowercased() == $0.lowercased() } ?? false
        }
        guard let group = found else { throw Refusal(404, "The group was not found or was specified incorrectly.") }
        let includesInactive = query["includeInactiveUsers"] == "true"
        // Data Center counts the people of the groups inside.
        let members = state.members(of: group.index, nested: !isCloud).filter {
            includesInactive || state.users[$0].isActive
        }
        let renderer = renderer
        return try page(members, default: 50, limit: 50) { renderer.user($0, &$1) }
    }

    fileprivate func applicationRoles() throws -> WebResponse {
        try requireAdministrator()
        let renderer = renderer
        return array(state.applicationRoles) { role, json in
            renderer.applicationRole(role, &json)
        }
    }

    /// `GET user/viewissue/search`: who of the first 1,000 users may open an issue.
    fileprivate func viewers() throws -> WebResponse {
        guard let key = query["issueKey"], let ordinal = state.ordinal(key: key), viewer.sees(issue: ordinal) else {
            throw Refusal.issueNotFound
        }
        let text = (query[isCloud ? "query" : "username"] ?? "").lowercased()
        let evaluator = viewer.evaluator
        let found = state.users.prefix(1_000).filter { user in
            let isNamed =
                text.isEmpty || text == "." || user.name.contains(text) || user.displayName.lowercased().contains(text)
            return isNamed && user.isActive && evaluator.mayBrowse(.user(user.index), issue: ordinal)
        }
        let start = max(0, try integer("startAt", default: 0))
        let count = min(max(0, try integer("maxResults", default: 50)), 1_000)
        let renderer = renderer
        return array(Array(found.dropFirst(start).prefix(count))) { renderer.user($0.index, &$1) }
    }
}
