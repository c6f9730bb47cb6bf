import { useEffect } from 'react';
import { type Notice, useNotices } from '../store/notices.ts';
import { Icon } from '../ui/Icon.tsx';

const INFO_SECONDS = 5;

/** What happened, at the corner of the window: failures stay until dismissed, good news goes by itself. */
export function Notices() {
  const notices = useNotices((state) => state.notices);
  return (
    <div className="notices">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { readonly notice: Notice }) {
  const dismiss = useNotices((state) => state.dismiss);
  useEffect(() => {
    if (notice.kind !== 'info') return;
    const timer = setTimeout(() => dismiss(notice.id), INFO_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [notice, dismiss]);
  return (
    <div className={`notice ${notice.kind}`}>
      {notice.kind === 'error' ? <p role="alert">{notice.message}</p> : <output>{notice.message}</output>}
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
