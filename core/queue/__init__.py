"""Work for later: jobs queued after the commit, the beat, and its default timetable."""
