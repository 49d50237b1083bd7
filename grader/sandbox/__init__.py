"""Where a student's code runs. Of this package, two folders are mounted inside: `guest` and `protocol`.

bubblewrap  trusted: starts the sandbox around `guest.fork_server`, and in it one guest for each submission
remote      trusted: the near end of a guest: requests, answers, deadlines
mutations   trusted: what a call wrote into its arguments
guest/      untrusted: runs inside, together with the student's code
protocol/   spoken on both sides: values as messages
"""
