public import IssueModel

extension Holder {
    /// The holder as Jira writes it in schemes: its kind, and whom it names where it does.
    public var text: (type: String, parameter: String?) {
        switch self {
        case .anyone: ("anyone", nil)
        case .applicationRole(let key): ("applicationRole", key)
        case .group(let id): ("group", id.rawValue)
        case .account(let id): ("user", id.rawValue)
        case .projectRole(let id): ("projectRole", id.rawValue)
        case .projectLead: ("projectLead", nil)
        case .reporter: ("reporter", nil)
        case .assignee: ("assignee", nil)
        case .accountField(let id): ("userCustomField", id.rawValue)
        case .groupField(let id): ("groupCustomField", id.rawValue)
        case .portalCustomer: ("sd.customer.portal.only", nil)
        case .unknown(let type): (type, nil)
        }
    }

    /// Reads what `text` wrote. Anything else is unknown, and so nobody.
    public init(type: String, parameter: String?) {
        self =
            switch (type, parameter) {
            case ("anyone", nil): .anyone
            case ("applicationRole", let key): .applicationRole(key: key)
            case ("group", let id?): .group(GroupID(id))
            case ("user", let id?): .account(AccountID(id))
            case ("projectRole", let id?): .projectRole(EntityID(id))
            case ("projectLead", nil): .projectLead
            case ("reporter", nil): .reporter
            case ("assignee", nil): .assignee
            case ("userCustomField", let id?): .accountField(EntityID(id))
            case ("groupCustomField", let id?): .groupField(EntityID(id))
            case ("sd.customer.portal.only", nil): .portalCustomer
            default: .unknown(type: type)
            }
    }
}
