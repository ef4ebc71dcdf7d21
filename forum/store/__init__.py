"""The forum's own tables: boards, threads, follows and drafts; everything said in them is community's."""
