"""Where a student's code runs, and where its checks run: two sandboxes, and what is mounted into each.

bubblewrap  trusted: starts a sandbox around a fork server, and in it one process for each submission
guest/      untrusted: runs inside, together with the student's code
protocol/   spoken between guest and checks: values as messages
checking/   reads what a guest sends: runs in the second sandbox, together with one lab's checks
"""
