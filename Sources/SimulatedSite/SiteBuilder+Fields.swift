extension SiteBuilder {
    private static let platform = "com.atlassian.jira.plugin.system.customfieldtypes:"
    private static let agile = "com.pyxis.greenhopper.jira:"
    private static let serviceDesk = "com.atlassian.servicedesk:"

    /// Jira's own fields and a custom field of every type.
    ///
    /// - Parameter isPlain: Leaves out the custom fields that neither boards nor permission rules need.
    static func fields(isPlain: Bool) -> [FieldDefinition] {
        isPlain ? plainFields : allFields
    }

    // The same for every site, and tests make thousands.
    private static let allFields = systemFields() + customFields()
    private static let plainFields = allFields.filter { !$0.isCustom || $0.isNeededByRules }

    private static func systemFields() -> [FieldDefinition] {
        let list: [(id: String, name: String, type: String, items: String?, clause: String?)] = [
            ("issuetype", "Issue Type", "issuetype", nil, "type"), ("project", "Project", "project", nil, nil),
            ("summary", "Summary", "string", nil, nil), ("description", "Description", "string", nil, nil),
            ("environment", "Environment", "string", nil, nil), ("status", "Status", "status", nil, nil),
            ("statusCategory", "Status Category", "statusCategory", nil, nil),
            ("statuscategorychangedate", "Status Category Changed", "datetime", nil, nil),
            ("priority", "Priority", "priority", nil, nil), ("resolution", "Resolution", "resolution", nil, nil),
            ("resolutiondate", "Resolved", "datetime", nil, "resolved"), ("assignee", "Assignee", "user", nil, nil),
            ("reporter", "Reporter", "user", nil, nil), ("creator", "Creator", "user", nil, nil),
            ("created", "Created", "datetime", nil, nil), ("updated", "Updated", "datetime", nil, nil),
            ("duedate", "Due date", "date", nil, "due"), ("labels", "Labels", "array", "string", nil),
            ("components", "Components", "array", "component", "component"),
            ("fixVersions", "Fix versions", "array", "version", "fixVersion"),
            ("versions", "Affects versions", "array", "version", "affectedVersion"),
            ("security", "Security Level", "securitylevel", nil, "level"), ("parent", "Parent", "issuelink", nil, nil),
            ("subtasks", "Sub-tasks", "array", "issuelinks", nil),
            ("issuelinks", "Linked Issues", "array", "issuelinks", nil),
            ("attachment", "Attachment", "array", "attachment", "attachments"),
            ("comment", "Comment", "comments-page", nil, nil), ("worklog", "Log Work", "array", "worklog", nil),
            ("votes", "Votes", "votes", nil, nil), ("watches", "Watchers", "watches", nil, "watchers"),
            ("timetracking", "Time tracking", "timetracking", nil, nil),
            ("timespent", "Time Spent", "number", nil, nil),
            ("timeestimate", "Remaining Estimate", "number", nil, nil),
            ("timeoriginalestimate", "Original estimate", "number", nil, nil),
            ("aggregatetimespent", "Σ Time Spent", "number", nil, nil),
            ("aggregatetimeestimate", "Σ Remaining Estimate", "number", nil, nil),
            ("aggregatetimeoriginalestimate", "Σ Original Estimate", "number", nil, nil),
            ("progress", "Progress", "progress", nil, nil), ("aggregateprogress", "Σ Progress", "progress", nil, nil),
            ("workratio", "Work Ratio", "number", nil, nil), ("lastViewed", "Last Viewed", "datetime", nil, nil),
            ("issuerestriction", "Restrict to", "issuerestriction", nil, nil),
        ]
        return list.map {
            FieldDefinition(
                id: $0.id, name: $0.name, type: $0.type, items: $0.items, system: $0.id, custom: nil,
                clauseNames: [$0.clause ?? $0.id])
        }
    }

    private static func custom(
        _ number: Int, _ name: String, _ type: String, _ key: String, items: String? = nil, options: [FieldOption] = []
    ) -> FieldDefinition {
        FieldDefinition(
            id: "customfield_\(number)", name: name, type: type, items: items, system: nil, custom: key,
            clauseNames: ["cf[\(number)]", name], options: options, customID: number,
            kind: key.split(separator: ":").last.map(String.init) ?? "")
    }

    private static func options(_ first: Int, _ names: [String]) -> [FieldOption] {
        names.enumerated().map { FieldOption(id: first + $0.offset, value: $0.element) }
    }

    private static func customFields() -> [FieldDefinition] {
        let regions = [
            FieldOption(id: 10_400, value: "Europe", children: options(10_410, ["Berlin", "Lisbon", "Tallinn"])),
            FieldOption(id: 10_401, value: "Asia", children: options(10_420, ["Kyoto", "Pune"])),
            FieldOption(id: 10_402, value: "Elsewhere"),
        ]
        return [
            custom(10_010, "Sprint", "array", agile + "gh-sprint", items: "json"),
            custom(10_011, "Epic Link", "any", agile + "gh-epic-link"),
            custom(10_012, "Epic Name", "string", agile + "gh-epic-label"),
            custom(
                10_013, "Epic Status", "option", agile + "gh-epic-status", options: options(10_430, ["To Do", "Done"])),
            custom(10_014, "Epic Colour", "string", agile + "gh-epic-color"),
            custom(10_015, "Rank", "any", agile + "gh-lexo-rank"),
            custom(10_016, "Story point estimate", "number", agile + "jsw-story-points"),
            custom(10_020, "Story Points", "number", platform + "float"),
            custom(10_021, "Customer reference", "string", platform + "textfield"),
            custom(10_022, "Acceptance criteria", "string", platform + "textarea"),
            custom(10_023, "Design link", "string", platform + "url"),
            custom(10_024, "Import note", "string", platform + "readonlyfield"),
            custom(10_025, "Target date", "date", platform + "datepicker"),
            custom(10_026, "Outage started", "datetime", platform + "datetime"),
            custom(
                10_027, "Severity", "option", platform + "select", options: options(10_300, ["S1", "S2", "S3", "S4"])),
            custom(
                10_028, "Kind of change", "option", platform + "radiobuttons",
                options: options(10_310, ["Standard", "Normal", "Emergency"])),
            custom(
                10_029, "Platforms", "array", platform + "multiselect", items: "option",
                options: options(10_320, ["Linux", "macOS", "Windows", "iOS", "Android"])),
            custom(
                10_030, "Checks", "array", platform + "multicheckboxes", items: "option",
                options: options(10_330, ["Security reviewed", "Load tested", "Documented"])),
            custom(10_031, "Region", "option-with-child", platform + "cascadingselect", options: regions),
            custom(10_032, "Target version", "version", platform + "version"),
            custom(10_033, "Verified in", "array", platform + "multiversion", items: "version"),
            custom(10_034, "Related project", "project", platform + "project"),
            custom(10_035, "Keywords", "array", platform + "labels", items: "string"),
            custom(10_036, "Import id", "number", platform + "importid"),
            custom(10_060, "Approver", "user", platform + "userpicker"),
            custom(10_061, "Reviewers", "array", platform + "multiuserpicker", items: "user"),
            custom(10_062, "Owning team", "group", platform + "grouppicker"),
            custom(10_063, "Teams involved", "array", platform + "multigrouppicker", items: "group"),
            custom(10_070, "Parent Link", "any", "com.atlassian.jpo:jpo-custom-field-parent"),
            custom(10_071, "Target start", "date", "com.atlassian.jpo:jpo-custom-field-baseline-start"),
            custom(10_072, "Target end", "date", "com.atlassian.jpo:jpo-custom-field-baseline-end"),
            custom(
                10_073, "Original story points", "number", "com.atlassian.jpo:jpo-custom-field-original-story-points"),
            custom(10_074, "Team", "team", "com.atlassian.teams:rm-teams-custom-field-team"),
            custom(
                10_075, "Development", "any",
                "com.atlassian.jira.plugins.jira-development-integration-plugin:devsummarycf"),
            custom(
                10_076, "Vulnerability", "any",
                "com.atlassian.jira.plugins.jira-development-integration-plugin:vulnerabilitycf"),
            custom(10_080, "Request Type", "sd-customerrequesttype", serviceDesk + "vp-origin"),
            custom(10_081, "Time to resolution", "sd-servicelevelagreement", serviceDesk + "sd-sla-field"),
            custom(10_082, "Request participants", "array", serviceDesk + "sd-request-participants", items: "user"),
            custom(
                10_083, "Organizations", "array", serviceDesk + "sd-customer-organizations",
                items: "sd-customerorganization"),
            custom(10_084, "Approvals", "sd-approvals", serviceDesk + "sd-approvals"),
            custom(10_085, "Satisfaction", "sd-feedback", serviceDesk + "sd-request-feedback"),
            custom(10_090, "Impact", "number", "jira.polaris:rating"),
            custom(10_091, "Delivery window", "string", "jira.polaris:interval"),
            custom(10_092, "Insights", "number", "jira.polaris:count-insights"),
        ]
    }
}

extension FieldDefinition {
    fileprivate var isNeededByRules: Bool {
        guard let customID else { return false }
        return customID < 10_020 || (10_060...10_063).contains(customID)
    }
}
