import { type Html, html } from './html.ts';

/**
 * Script of every page. The pages work without it, and it sends nothing automatically. It shows the progress after a
 * button is pressed, prevents the same form from being sent twice (which would abort a download that is about to
 * start), and shows times in the reader's time zone. The template contains no page-specific values, so its hash is the
 * same on every page. If the page is still there after 4 s, a download has very likely begun. After 30 s, the button is
 * restored: API Gateway waits for 29 s, so the request is certainly over. A button is not disabled when it is pressed,
 * because it would lose the keyboard focus. If the browser restores the page from its back/forward cache, the script
 * restores the button as well.
 */
export const script: Html = html`
(function(){
function say(form,state,words){
var button=form.querySelector('button'),status=form.querySelector('[role=status]');
if(!button.dataset.label)button.dataset.label=button.textContent;
button.textContent=state==='working'?status.dataset.button:button.dataset.label;
status.textContent=words||'';
if(state)button.setAttribute('aria-disabled','true');else button.removeAttribute('aria-disabled');
}
var timers=[];
addEventListener('submit',function(event){
var form=event.target,status=form.querySelector('[role=status]');
if(!status)return;
if(form.querySelector('[aria-disabled]')){event.preventDefault();return}
var words=status.dataset;
say(form,'working',words.working);
if(words.started)timers.push(setTimeout(say,4000,form,'started',words.started));
timers.push(setTimeout(say,30000,form,'',words.started));
});
addEventListener('pageshow',function(event){
if(!event.persisted)return;
timers.splice(0).forEach(clearTimeout);
document.querySelectorAll('[role=status]').forEach(function(status){say(status.parentNode,'')});
});
document.querySelectorAll('time').forEach(function(time){
time.title=time.textContent;
time.textContent=new Date(time.dateTime).toLocaleString(document.documentElement.dataset.locale,{day:'numeric',month:'long',year:'numeric',hour:'2-digit',minute:'2-digit',timeZoneName:'short'}).replace(' at ',', ');
});
})();
`;
