package import FastJSON
import SimulatedData
package import SimulatedSite

extension Renderer {
    /// A user with what only `/user` and `/myself` say.
    package func members(of user: User, isSelf: Bool, _ json: inout JSONWriter) {
        if isCloud {
            json.member("self", "\(api)/user?accountId=\(escaped(user.accountID))")
            json.member("accountId", user.accountID)
            json.member("accountType", user.kind.rawValue)
        } else {
            json.member("self", "\(api)/user?username=\(escaped(user.name))")
            json.member("key", user.key)
            json.member("name", user.name)
        }
        if user.showsEmail || isSelf { json.member("emailAddress", user.email) }
        let avatar = "\(base)/secure/useravatar?ownerId=\(user.index)"
        json.member(
            "avatarUrls",
            object: { json in for size in ["16x16", "24x24", "32x32", "48x48"] { json.member(size, avatar) } })
        json.member("displayName", user.displayName)
        json.member("active", user.isActive)
        json.member("timeZone", user.timeZone.identifier)
    }

    package func applicationRole(_ role: ApplicationRole, _ json: inout JSONWriter) {
        json.object { json in
            json.member("key", role.key)
            json.member("name", role.name)
            json.member(
                "groups", array: { json in for group in role.groups { json.string(state.groups[group].name) } })
            if isCloud {
                json.member(
                    "groupDetails", array: { json in for group in role.groups { self.group(group, &json) } })
            }
            json.member(
                "defaultGroups",
                array: { json in for group in role.groups.prefix(1) { json.string(state.groups[group].name) } })
            json.member("selectedByDefault", role.key == "jira-software")
            json.member("defined", true)
            json.member("numberOfSeats", -1)
            json.member("remainingSeats", -1)
            json.member("userCount", Set(role.groups.flatMap { state.members(of: $0, nested: true) }).count)
            json.member("userCountDescription", "users")
            json.member("hasUnlimitedSeats", true)
            json.member("platform", role.key == "jira-core")
        }
    }
}
