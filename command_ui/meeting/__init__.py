"""The line of a consultation 会商: what the presenter shows, cut for each follower to what he may see."""
