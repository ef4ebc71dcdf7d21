-- Nobody signs in to the account of somebody who died, also where that was confirmed before this was so. Undone with
-- memorial mode, by this same time.
update member m
set suspended_at = d.at
from memorial d
where d.member_id = m.id
  and m.suspended_at is null;
