import { FINDING_TEXTS } from '../format/findings.ts';
import { useFindings } from '../store/health.ts';

/** What a scan found to stand out in a tensor. */
export function FindingBadges({ document, tensor }: { readonly document: string; readonly tensor: number }) {
  const findings = useFindings(document, tensor);
  return findings.map((finding) => {
    const { badge, title, grave } = FINDING_TEXTS[finding];
    return (
      <span key={finding} className={grave ? 'finding grave' : 'finding'} title={title}>
        <span aria-hidden="true">{badge}</span>
        <span className="visually-hidden">{title}</span>
      </span>
    );
  });
}
