import IssueModel

// Swift Testing has an `Issue` of its own.
typealias Issue = IssueModel.Issue
